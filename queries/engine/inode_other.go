//go:build !unix

package engine

import "io/fs"

// Inode is not known on this system.
func Inode(fs.FileInfo) int64 { return 0 }
