package disk

import (
	"errors"
	"io/fs"
	"os"
)

// Writable tells why this process could not make a file in a folder; nil: it could. It makes one and removes it, as rights do not tell of quotas, of file
// systems that were mounted to be read only, and of servers with a mind of their own.
func Writable(folder string) error {
	f, err := os.CreateTemp(folder, ".pidledger-doctor-*")
	if err != nil {
		return reason(err)
	}
	_, err = f.WriteString("x")
	return reason(errors.Join(err, f.Close(), os.Remove(f.Name())))
}

// reason is what went wrong, without the name of a file that nobody knows.
func reason(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
