//go:build !unix

package disk

import "io/fs"

// OthersRead cannot tell here: modes are not permissions.
func OthersRead(fs.FileMode) bool { return false }
