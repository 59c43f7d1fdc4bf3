package columnar

import "unsafe"

// bytesOf shows a string as bytes without copying it; the result must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
