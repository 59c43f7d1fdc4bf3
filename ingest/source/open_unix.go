//go:build unix

package source

import (
	"os"
	"syscall"
)

// open opens a file to read from it. It does not wait for a writer when a named pipe took the place of the file.
func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
