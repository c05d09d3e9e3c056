/* The failing file system: everything goes through to SQLite's own, except what is to fail.
 *
 * Files offer no shared memory (methods of version 1), so a store in WAL mode that did not keep its file for itself could
 * not even be opened here. */
#include "tests/support/store_faultvfs.h"

#include <sqlite3.h>
#include <string.h>

struct store_faults store_faults;

struct fault_file {
	sqlite3_file base; /* first: SQLite sees this */
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;

static bool fault_now(enum store_fault_op op)
{
	struct store_faults *faults = &store_faults;
	if (!(faults->ops & op) || faults->at == 0)
		return false;
	faults->seen++;
	if (faults->seen < faults->at || (faults->seen > faults->at && !faults->persistent))
		return false;
	faults->fired++;
	return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct fault_file *)file)->real;
}

static int fault_close(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);
	int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
	sqlite3_free(real);
	return code;
}

static int fault_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	return fault_now(FAULT_READ) ? store_faults.code : real_of(file)->pMethods->xRead(real_of(file), out, len, at);
}

static int fault_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	sqlite3_file *real = real_of(file);
	if (!fault_now(FAULT_WRITE))
		return real->pMethods->xWrite(real, bytes, len, at);
	/* Half of it arrives, as on a disk that runs full. */
	(void)real->pMethods->xWrite(real, bytes, len / 2, at);
	return store_faults.code;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fault_now(FAULT_TRUNCATE) ? store_faults.code : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
	return fault_now(FAULT_SYNC) ? store_faults.code : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int fault_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int fault_reserved(sqlite3_file *file, int *out)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int fault_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int fault_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static const sqlite3_io_methods fault_methods = {
	.iVersion = 1,
	.xClose = fault_close,
	.xRead = fault_read,
	.xWrite = fault_write,
	.xTruncate = fault_truncate,
	.xSync = fault_sync,
	.xFileSize = fault_size,
	.xLock = fault_lock,
	.xUnlock = fault_unlock,
	.xCheckReservedLock = fault_reserved,
	.xFileControl = fault_control,
	.xSectorSize = fault_sector,
	.xDeviceCharacteristics = fault_device,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct fault_file *fault = (struct fault_file *)file;
	(void)vfs;
	memset(fault, 0, sizeof *fault);
	if (fault_now(FAULT_OPEN))
		return store_faults.code;
	fault->real = sqlite3_malloc(real_vfs->szOsFile);
	if (!fault->real)
		return SQLITE_NOMEM;
	memset(fault->real, 0, (size_t)real_vfs->szOsFile);
	int code = real_vfs->xOpen(real_vfs, name, fault->real, flags, out);
	if (code == SQLITE_OK) {
		fault->base.pMethods = &fault_methods;
		return SQLITE_OK;
	}
	if (fault->real->pMethods)
		(void)fault->real->pMethods->xClose(fault->real);
	sqlite3_free(fault->real);
	return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	return fault_now(FAULT_DELETE) ? store_faults.code : real_vfs->xDelete(real_vfs, name, sync);
}

void store_faultvfs_register(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	fault_vfs = *real_vfs;
	fault_vfs.zName = "store-faults";
	fault_vfs.szOsFile = (int)sizeof(struct fault_file);
	fault_vfs.xOpen = fault_open;
	fault_vfs.xDelete = fault_delete;
	(void)sqlite3_vfs_register(&fault_vfs, 1);
}
