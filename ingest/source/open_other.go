//go:build !unix

package source

import "os"

// open opens a file to read from it.
func open(path string) (*os.File, error) { return os.Open(path) }
