package logs

import (
	"bytes"

	"github.com/pidledger/pidledger/ingest/azure"
)

// IsLog tells a log by its first lines, most of which have a time in their prefix.
func IsLog(head []byte) bool {
	const look = 50
	lines, timed := 0, 0
	var scratch []byte
	for len(head) > 0 && lines < look {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte{'\n'})
		line, scratch = plain(line, scratch)
		if len(azure.Trim(line)) == 0 {
			continue
		}
		lines++
		if pre, _ := cutPrefix(line); pre.times > 0 {
			timed++
		}
	}
	return timed > 1 && timed*2 > lines
}

// plain returns a line as a terminal shows it: without colours and other escape sequences, and with what was written last over what a
// carriage return had gone back to. The result may share memory with the line or with scratch, which is returned for the next call.
func plain(line, scratch []byte) (text, grown []byte) {
	if bytes.IndexByte(line, '\x1b') >= 0 || bytes.Contains(line, []byte("\u241b")) {
		scratch = appendPlain(scratch[:0], line)
		line = scratch
	}
	line = bytes.TrimSuffix(bytes.TrimRight(line, "\r"), []byte("[0m")) // the last one, where escapes were lost
	return line[bytes.LastIndexByte(line, '\r')+1:], scratch
}

// appendPlain appends a line without its escape sequences. The escape may be written as the symbol ␛, which viewers put in its place.
func appendPlain(dst, line []byte) []byte {
	for len(line) > 0 {
		i := bytes.IndexAny(line, "\x1b\u241b")
		if i < 0 {
			break
		}
		dst = append(dst, line[:i]...)
		line = bytes.TrimPrefix(bytes.TrimPrefix(line[i:], []byte("\u241b")), []byte("\x1b"))
		if len(line) == 0 {
			break
		}
		switch line[0] {
		case '[': // up to a letter
			n := 1
			for n < len(line) && line[n] >= 0x20 && line[n] < 0x40 {
				n++
			}
			line = line[min(n+1, len(line)):]
		case ']', '_', 'P', '^': // up to a bell or another escape
			end := bytes.IndexAny(line, "\a\x1b")
			if end < 0 {
				return dst
			}
			if line[end] == '\a' || bytes.HasPrefix(line[end:], []byte("\x1b\\")) {
				line = bytes.TrimPrefix(line[end+1:], []byte{'\\'})
			} else {
				line = line[end:]
			}
		default:
			line = line[1:]
		}
	}
	return append(dst, line...)
}
