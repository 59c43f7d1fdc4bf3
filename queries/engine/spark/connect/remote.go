// Package connect runs statements on a Spark cluster through Spark Connect. It uses three calls of the Go client, and works around its faults: a
// limit of 4 MiB for what is received, TLS by the presence of a token alone, and a connection of which nobody knows before the first statement.
//
// The client is a tenth of the binary, so that it is linked by the build tag spark alone.
package connect

// Remote is a Spark Connect server.
type Remote struct {
	URL   string // sc://HOST[:PORT][/;use_ssl=true]
	Token string // empty: none is sent. It is never sent without TLS but to this machine itself
}

// Error says that a cluster does not do what it should.
type Error struct {
	What, Hint string
	Err        error // may be nil
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Try returns the way out.
func (e *Error) Try() string { return e.Hint }
