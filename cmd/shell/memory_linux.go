package shell

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// boundMemory limits how many bytes the process may take in addition to what it has now, until the returned function is called. The engine counts
// its buffers, but not what a single call makes, such as a list of four billion numbers. With the limit, that is an error of the query and not the
// end of the machine.
func boundMemory(more int64) (free func()) {
	var before unix.Rlimit
	limit := dataSize() + uint64(more)
	if unix.Getrlimit(unix.RLIMIT_DATA, &before) != nil || before.Cur < limit {
		return func() {} // there is a lower limit already
	}
	bound := unix.Rlimit{Cur: limit, Max: before.Max}
	if unix.Setrlimit(unix.RLIMIT_DATA, &bound) != nil {
		return func() {} // the engine's own limit remains
	}
	return func() { unix.Setrlimit(unix.RLIMIT_DATA, &before) } //nolint:errcheck // restoring the old limit does not fail
}

// dataSize is what the system counts as data of the process, in bytes; 0 if it does not tell.
func dataSize() (size uint64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	if _, after, ok := bytes.Cut(status, []byte("\nVmData:")); ok {
		fmt.Sscanf(string(after), "%d kB", &size) //nolint:errcheck // then it stays 0
	}
	return size * 1024
}
