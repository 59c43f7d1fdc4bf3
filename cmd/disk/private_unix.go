//go:build unix

package disk

import "golang.org/x/sys/unix"

// Private makes every file that the program creates readable by its owner only, also those that the engine makes (write-ahead log,
// spilled rows): they hold customers' usage.
func Private() { unix.Umask(0o077) }
