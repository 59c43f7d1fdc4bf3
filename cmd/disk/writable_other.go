//go:build !unix

package disk

import "io/fs"

// Writable cannot tell here: what cannot be written says so when it is.
func Writable(string) error { return nil }

// OthersRead cannot tell here: modes are not permissions.
func OthersRead(fs.FileMode) bool { return false }
