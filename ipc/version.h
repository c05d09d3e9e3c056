/* The version of the whole house, as --version, system.info and rpc.discover tell it. */
#ifndef IPC_VERSION_H
#define IPC_VERSION_H

#define ALMANAC_VERSION "0.1.0"
#define ALMANAC_PROTOCOL 1

#endif
