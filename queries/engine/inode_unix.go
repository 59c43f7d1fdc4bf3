//go:build unix

package engine

import (
	"io/fs"
	"syscall"
)

// Inode returns the number of a file on its disk. A copy of the file has another.
func Inode(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Ino) //nolint:gosec // only compared
	}
	return 0
}
