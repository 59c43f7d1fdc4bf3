package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ReadFile reads a file of a person that is read whole: a configuration, a query, a text. What is not a file is refused, because to open a pipe or a
// device may wait for ever, and they may never end; so is what is longer than most bytes.
func ReadFile(path string, most int64) ([]byte, error) {
	f, err := openPlain(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		failed.Op = "open"
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("open %s: the file is longer than %s", path, megabytes(most))
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// CheckFile returns an error when there is no file at path: nothing, or something that is not a file. It opens nothing.
func CheckFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return notRegular(path, info.Mode())
	}
	return nil
}

// openPlain opens a file to read from it, and nothing that is not a file.
func openPlain(path string) (*os.File, error) {
	if err := CheckFile(path); err != nil { // to open a device can do something
		return nil, err
	}
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path, info.Mode())
	}
	if err != nil {
		_ = f.Close() // the first error is the one that matters
		return nil, err
	}
	return f, nil
}

func notRegular(path string, mode fs.FileMode) error {
	return fmt.Errorf("open %s: it is %s, not a regular file", path, kindOfFile(mode))
}

// kindOfFile says what it is that is not a regular file.
func kindOfFile(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}
