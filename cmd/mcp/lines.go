package mcp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// lines is standard input as the SDK is to see it. A line that is no message ends the SDK's server; here it gets its answer, as JSON-RPC
// has it, and the next one is read. Until the first message it is passed on: nobody speaks the protocol there.
type lines struct {
	in    *bufio.Reader
	out   io.Writer
	begun bool
	rest  []byte // of the line that is passed on
}

func (l *lines) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		line, err := l.next()
		if err != nil {
			return 0, err
		}
		code, odd := oddity(line)
		switch {
		case len(line) == 0:
		case odd == nil || !l.begun:
			l.begun = l.begun || odd == nil
			l.rest = append(line, '\n')
		default:
			if err := refuse(l.out, code, odd); err != nil {
				return 0, err
			}
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// next is the next line without blanks around it; of one that is too long, its beginning, which is no message.
func (l *lines) next() ([]byte, error) {
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		if room := sdk.DefaultMaxLineLength - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
			return bytes.TrimSpace(line), nil
		default:
			return nil, err
		}
	}
}

// oddity says why a line is no message of JSON-RPC. A list of messages is one for the older versions of the protocol.
func oddity(line []byte) (code int64, err error) {
	if !json.Valid(line) {
		var v any
		return jsonrpc.CodeParseError, fmt.Errorf("the line is not JSON: %w", json.Unmarshal(line, &v))
	}
	if line[0] == '[' && len(bytes.Trim(line, "[] ")) > 0 {
		return 0, nil
	}
	_, err = jsonrpc.DecodeMessage(line)
	return jsonrpc.CodeInvalidRequest, err
}

// refuse answers a line that is no message, and so has no id that is sure to be one.
func refuse(w io.Writer, code int64, odd error) error {
	var answer struct {
		Version string    `json:"jsonrpc"`
		ID      *struct{} `json:"id"`
		Error   struct {
			Code    int64  `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	answer.Version, answer.Error.Code, answer.Error.Message = "2.0", code, odd.Error()
	return json.NewEncoder(w).Encode(answer)
}

// whole is a stream of which each write is one line that others do not come between; whoever gave it closes it.
type whole struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *whole) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

func (*whole) Close() error { return nil }
