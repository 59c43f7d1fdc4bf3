//go:build !linux

package shell

// boundMemory does nothing where no limit of the system counts what the engine allocates.
func boundMemory(int64) (free func()) { return func() {} }
