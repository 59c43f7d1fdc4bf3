//go:build unix

package ledger

import (
	"golang.org/x/sys/unix"
)

// FreeSpace returns the bytes that can still be written to the disk of a folder.
func FreeSpace(folder string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
