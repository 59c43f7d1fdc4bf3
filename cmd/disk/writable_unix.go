//go:build unix

package disk

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// Writable tells why this process could not make a file in a folder; nil: it could.
func Writable(folder string) error { return unix.Access(folder, unix.W_OK|unix.X_OK) }

// OthersRead tells whether a file of this mode can be read by all users of the machine.
func OthersRead(mode fs.FileMode) bool { return mode.Perm()&0o004 != 0 }
