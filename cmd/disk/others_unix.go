//go:build unix

package disk

import "io/fs"

// OthersRead tells whether a file of this mode can be read by all users of the machine.
func OthersRead(mode fs.FileMode) bool { return mode.Perm()&0o004 != 0 }
