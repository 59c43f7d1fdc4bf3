package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFull(t *testing.T) {
	free, full := t.TempDir(), errors.New("disk I/O")
	ledger, reports := filepath.Join(free, "ledger"), filepath.Join(free, "reports")
	for _, x := range []struct {
		err  error
		says string // "": it is not a full disk
	}{
		{full, ""},
		{fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "/a/b/file", Err: syscall.EIO}), ""},
		{errors.Join(&os.PathError{Op: "open", Path: "/x/y", Err: syscall.EACCES}, fmt.Errorf("x: %w", &os.PathError{Op: "write", Path: filepath.Join(free, "b", "file"), Err: syscall.ENOSPC})), "the disk of " + free + " is full"},
		{&os.PathError{Op: "write", Path: filepath.Join(free, "reports.new-1", "a.csv"), Err: syscall.EDQUOT}, "the disk of " + reports + " is full"},
		{&os.LinkError{Op: "link", Old: "/a/b", New: filepath.Join(free, "d"), Err: syscall.ENOSPC}, "the disk of " + free + " is full"},
		{&os.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.ENOSPC}, "the disk of standard output is full: write"},
		{errors.New(`IO Error: Could not write file "` + free + `/ledger/x": No space left on device`), "the disk of " + ledger + " is full"},
		{errors.New("step x: Out of Memory Error: failed to offload data block of size 256.0 KiB (4.2 MiB/4.3 MiB used).\nThis limit was set"),
			"no space for what does not fit into memory: Out of Memory Error: failed to offload data block of size 256.0 KiB (4.2 MiB/4.3 MiB used)."},
		{errors.New("No space left on device"), "the disk of " + free},
	} {
		got := Full(x.err, ledger, reports)
		isSame := got == x.err //nolint:errorlint // the very same error
		if x.says == "" && !isSame || !strings.Contains(got.Error(), x.says) || strings.Contains(got.Error(), "\n") && x.says != "" && !errors.As(x.err, new(interface{ Unwrap() []error })) {
			t.Errorf("%v: %v", x.err, got)
		}
		if again := Full(got, ledger, reports); again != got { //nolint:errorlint // the very same error
			t.Errorf("said twice: %v", again)
		}
	}
}
