/* The key file on disk. */
#include "daemon/vault/keyfile.h"

#include "ipc/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { KEYFILE_MAX = 64 << 10 };

static int dir_check(int dir_fd, const char *dir, struct err *why)
{
	struct stat st;
	if (fstat(dir_fd, &st) != 0)
		return err_set(why, ERR_SEALED, "cannot look at the directory %s: %m", dir);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & S_ISVTX))
		return err_set(why, ERR_SEALED, "others can write to the directory %s of the key file", dir);
	return 0;
}

static int file_check(int fd, const char *path, bool credential, size_t *size, struct err *why)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_set(why, ERR_SEALED, "cannot look at the key file %s: %m", path);
	if (!S_ISREG(st.st_mode))
		return err_set(why, ERR_SEALED, "the key file %s is not a regular file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(why, ERR_SEALED, "the key file %s belongs to somebody else (uid %u)", path, (unsigned)st.st_uid);
	/* With an access list the group bits are its mask, not the group's. */
	bool listed = credential && fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0;
	if (st.st_mode & (listed ? 037 : 077))
		return err_set(why, ERR_SEALED, "the key file %s is open to group or world (mode %04o): chmod 600 it", path,
		               (unsigned)(st.st_mode & 07777));
	if (st.st_nlink != 1)
		return err_set(why, ERR_SEALED, "the key file %s has %u links instead of one", path, (unsigned)st.st_nlink);
	if (st.st_size > KEYFILE_MAX)
		return err_set(why, ERR_SEALED, "the key file %s is larger than %d bytes", path, KEYFILE_MAX);
	*size = (size_t)st.st_size;
	return 0;
}

static int file_read(struct secret_buf *out, int fd, const char *path, size_t size, struct err *why)
{
	char piece[4096];
	ssize_t got;
	while ((got = read(fd, piece, sizeof piece)) > 0 && out->len <= size)
		secret_buf_add(out, piece, (size_t)got);
	secret_wipe(piece, sizeof piece);
	if (got < 0)
		return err_set(why, ERR_SEALED, "cannot read the key file %s: %m", path);
	if (out->len != size)
		return err_set(why, ERR_SEALED, "the key file %s changed while it was read", path);
	return 0;
}

static enum keyfile_found file_open(struct secret_buf *out, int dir_fd, const char *name, const char *path, bool credential,
                                    struct err *why)
{
	/* Without O_NONBLOCK a FIFO would hold us up before it can be refused. */
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return KEYFILE_ABSENT;
	if (fd < 0) {
		err_set(why, ERR_SEALED, errno == ELOOP ? "the key file %s is a symbolic link" : "cannot open the key file %s: %m",
		        path);
		return KEYFILE_REFUSED;
	}
	size_t size = 0;
	int failed = file_check(fd, path, credential, &size, why) || file_read(out, fd, path, size, why);
	close(fd);
	return failed ? KEYFILE_REFUSED : KEYFILE_READ;
}

enum keyfile_found keyfile_read(struct secret_buf *out, const char *dir, const char *name, bool credential, struct err *why)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0 && errno == ENOENT)
		return KEYFILE_ABSENT;
	if (dir_fd < 0) {
		err_set(why, ERR_SEALED, "cannot open the directory %s: %m", dir);
		return KEYFILE_REFUSED;
	}
	struct buf path = { 0 };
	buf_printf(&path, "%s/%s", dir, name);
	enum keyfile_found found = file_open(out, dir_fd, name, buf_text(&path), credential, why);
	if (found == KEYFILE_READ && dir_check(dir_fd, dir, why) != 0)
		found = KEYFILE_REFUSED;
	if (found != KEYFILE_READ)
		secret_buf_free(out);
	buf_free(&path);
	close(dir_fd);
	return found;
}

static int text_write(int dir_fd, const char *name, const struct secret_buf *text)
{
	int fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	size_t done = 0;
	while (done < text->len) {
		ssize_t put = write(fd, text->data + done, text->len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		done += (size_t)put;
	}
	/* The umask may have taken bits from the mode, it cannot have added any. */
	int failed = done != text->len || fsync(fd) != 0;
	int why = errno;
	if (close(fd) != 0 || failed) {
		(void)unlinkat(dir_fd, name, 0);
		errno = failed ? why : errno;
		return -1;
	}
	return 0;
}

int keyfile_write(const char *dir, const char *name, const struct secret_buf *text, bool replace, struct err *err)
{
	struct buf fresh = { 0 };
	buf_printf(&fresh, "%s.tmp", name);
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = dir_fd < 0 ? -1 : 0;
	if (rc == 0) {
		/* What a killed daemon left behind; nobody else writes here while we hold the store. */
		(void)unlinkat(dir_fd, buf_text(&fresh), 0);
		rc = text_write(dir_fd, buf_text(&fresh), text);
	}
	if (rc == 0 && renameat2(dir_fd, buf_text(&fresh), dir_fd, name, replace ? 0 : RENAME_NOREPLACE) != 0) {
		int why = errno;
		(void)unlinkat(dir_fd, buf_text(&fresh), 0);
		errno = why;
		rc = -1;
	}
	if (rc == 0)
		rc = fsync(dir_fd);
	if (rc != 0)
		err_set(err, ERR_STORE_FAILED, "cannot write the key file %s/%s: %m", dir, name);
	if (dir_fd >= 0)
		close(dir_fd);
	buf_free(&fresh);
	return rc;
}
