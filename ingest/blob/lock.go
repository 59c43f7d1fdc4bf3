package blob

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

// ErrLocked says that somebody else holds a lock.
var ErrLocked = errors.New("it is locked")

// How long a lock is good when nothing more is heard of who holds it, how often it is renewed, and how long before its end its holder stops.
const (
	leaseTime   = 60 * time.Second
	leaseRenew  = 15 * time.Second
	leaseMargin = 10 * time.Second
)

// Lock keeps others out who lock the same blob, which is made when it is not there. held ends, with the reason as its cause, when the lock was
// lost; unlock frees it. One whose holder was killed is free after a minute. Errors: ErrLocked.
func (c *Container) Lock(ctx context.Context, name string) (held context.Context, unlock func() error, err error) {
	return c.lock(ctx, name, leaseRenew)
}

func (c *Container) lock(ctx context.Context, name string, every time.Duration) (context.Context, func() error, error) {
	if _, err := c.Replace(ctx, name, nil, ""); err != nil && !IsConflict(err) {
		return nil, nil, err
	}
	client, err := lease.NewBlobClient(c.client.NewBlobClient(name), nil)
	if err != nil {
		return nil, nil, err
	}
	until, locked := time.Now().Add(leaseTime), false
	err = c.do(ctx, "lock", name, func() error {
		_, err := client.AcquireLease(ctx, int32(leaseTime/time.Second), nil)
		if locked = bloberror.HasCode(err, bloberror.LeaseAlreadyPresent); locked {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if locked {
		return nil, nil, ErrLocked
	}
	held, lose := context.WithCancelCause(ctx)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			began := time.Now()
			err := c.renew(ctx, client, name, until)
			if err == nil {
				until = began.Add(leaseTime)
				continue
			}
			var own *Error
			if errors.As(err, &own) && own.answer || time.Until(until) <= leaseMargin {
				lose(fmt.Errorf("the lock was lost: %w", err))
				return
			}
		}
	}()
	return held, func() error {
		close(stop)
		<-stopped
		lost := context.Cause(held)
		lose(nil)
		if lost != nil && ctx.Err() == nil {
			return nil // there is nothing to free
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseMargin)
		defer cancel()
		_, err := client.ReleaseLease(ctx, nil)
		return c.explain(ctx, "unlock", name, err)
	}, nil
}

// renew makes the lock good for longer. It is no request like others: it must not wait behind them.
func (c *Container) renew(ctx context.Context, client *lease.BlobClient, name string, until time.Time) error {
	within, cancel := context.WithDeadline(ctx, until.Add(-leaseMargin))
	defer cancel()
	_, err := client.RenewLease(within, nil)
	return c.explain(ctx, "lock", name, err)
}
