package cmd

import "golang.org/x/sys/unix"

// boundMemory has the operating system refuse memory beyond a limit in bytes. The engine counts its buffers, but not what a single call
// makes, such as a list of four thousand million numbers; refused, that is an error of the query and not the end of the machine.
func boundMemory(limit int64) {
	var now unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_DATA, &now) != nil || now.Cur < uint64(limit) {
		return // somebody set a lower one
	}
	now.Cur = uint64(limit)
	unix.Setrlimit(unix.RLIMIT_DATA, &now) //nolint:errcheck // without it there is the engine's own limit
}
