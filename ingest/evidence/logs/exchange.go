package logs

import "bytes"

// Exchange is one HTTP request and what is known of its answer. Texts are as written.
type Exchange struct {
	At    int64 // microseconds since 1970-01-01 UTC
	Timed bool  // At is known

	Method, URL, Target, Agent                   []byte
	Correlation, ReqCorrelation, RespCorrelation []byte // Target and Correlation: of logs that have no headers
	ClientRequest, ServiceRequest                []byte
	Status                                       int64 // 0: not known
}

// Receiver takes what a Tracer finds.
type Receiver interface {
	// Exchange takes a request of a shape (ua.tflog); number is that of the line or record that it began with.
	Exchange(shape string, x *Exchange, number int64)

	// LiveTraffic takes the JSON object with request and response that azapi logs, at the time of its line. It reports whether it is one.
	LiveTraffic(shape string, text []byte, at int64, timed bool) bool

	// Record takes apart a record of TF_LOG=JSON that stands in a text. Without a time of its own it has that of its line.
	Record(line []byte, at int64, timed bool) (message []byte, when int64, isTimed, ok bool)

	// NoRequest takes note of a record that holds no request.
	NoRequest()
}

// RequestLine splits "PUT /path HTTP/1.1".
func RequestLine(line []byte) (method, url []byte) {
	method, rest, ok := bytes.Cut(line, []byte{' '})
	if !ok {
		return nil, nil
	}
	url, _, _ = bytes.Cut(rest, []byte{' '})
	return method, url
}

// splitURL cuts a URL into host and the rest.
func splitURL(url []byte) (host, path []byte) {
	if i := bytes.Index(url, []byte("://")); i >= 0 {
		rest := url[i+3:]
		if i = bytes.IndexByte(rest, '/'); i >= 0 {
			return rest[:i], rest[i:]
		}
		return rest, nil
	}
	return nil, url
}

// jsonEnd returns where the JSON object at the start of text ends, or the length of text.
func jsonEnd(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// unquote cuts a pair of quotes off.
func unquote(b []byte) []byte {
	if n := len(b); n >= 2 && (b[0] == '\'' || b[0] == '"') && b[n-1] == b[0] {
		return b[1 : n-1]
	}
	return b
}
