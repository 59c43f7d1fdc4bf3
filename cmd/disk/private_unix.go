//go:build unix

package disk

import "golang.org/x/sys/unix"

// Private makes every file that the program creates readable only by its owner, including the engine's (write-ahead log, spilled rows): they hold
// customers' usage.
func Private() { unix.Umask(0o077) }
