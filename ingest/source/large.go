package source

import "io"

// A record above largeBuffer is read by one file at a time: it stands in memory as text, as cells and as what is made of them, and with
// eight threads that were eight of each.
const largeBuffer = 8 << 20

// largeTurn is taken by the file whose turn it is.
var largeTurn = make(chan struct{}, 1)

// turnTaker is the reader of a file that waits for its turn to have a large record. It keeps the turn until it is closed.
type turnTaker interface{ takeTurn() }

func (f *File) takeTurn() {
	if !f.turn {
		largeTurn <- struct{}{}
		f.turn = true
	}
}

func (f *File) endTurn() {
	if f.turn {
		f.turn = false
		<-largeTurn
	}
}

func (r *headReader) takeTurn()    { r.file.takeTurn() }
func (c *contextReader) takeTurn() { takeTurn(c.r) }
func (l *crLines) takeTurn()       { takeTurn(l.r) }

// takeTurn waits until the file behind a reader may have a large record.
func takeTurn(r io.Reader) {
	if t, ok := r.(turnTaker); ok {
		t.takeTurn()
	}
}

// IsLarge tells that a block of so many bytes holds a large record: it is best worked off before the next one is read.
func IsLarge(size int) bool { return size > largeBuffer }
