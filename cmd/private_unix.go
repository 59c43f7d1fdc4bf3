//go:build unix

package cmd

import "golang.org/x/sys/unix"

// private makes every file that the program creates readable by its owner only, also those that the engine makes (write-ahead log,
// spilled rows): they hold customers' usage.
func private() { unix.Umask(0o077) }
