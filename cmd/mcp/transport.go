package mcp

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// grace is how long the calls that were read are still answered after the end of standard input: a list of requests that a script pipes in
// gets its answers, and an assistant that has gone does not keep a long query running.
const grace = 5 * time.Second

// finishing is a transport whose end of input waits until the calls that came before it are answered, at most grace.
type finishing struct{ sdk.Transport }

func (t finishing) Connect(ctx context.Context) (sdk.Connection, error) {
	c, err := t.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &finishingConnection{Connection: c, changed: make(chan struct{}, 1)}, nil
}

type finishingConnection struct {
	sdk.Connection
	mu      sync.Mutex
	open    int           // calls that were read and not answered
	changed chan struct{} // has an entry after open went down
}

func (c *finishingConnection) Read(ctx context.Context) (jsonrpc.Message, error) {
	m, err := c.Connection.Read(ctx)
	if err != nil {
		c.wait(ctx)
		return m, err
	}
	if call, ok := m.(*jsonrpc.Request); ok && call.ID.IsValid() {
		c.mu.Lock()
		c.open++
		c.mu.Unlock()
	}
	return m, nil
}

func (c *finishingConnection) Write(ctx context.Context, m jsonrpc.Message) error {
	err := c.Connection.Write(ctx, m)
	if _, ok := m.(*jsonrpc.Response); ok {
		c.mu.Lock()
		c.open--
		c.mu.Unlock()
		select {
		case c.changed <- struct{}{}:
		default: // the entry that is there says as much
		}
	}
	return err
}

// wait returns when every call is answered, grace is over, or the command is to end.
func (c *finishingConnection) wait(ctx context.Context) {
	over := time.NewTimer(grace)
	defer over.Stop()
	for {
		c.mu.Lock()
		open := c.open
		c.mu.Unlock()
		if open <= 0 {
			return
		}
		select {
		case <-c.changed:
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
