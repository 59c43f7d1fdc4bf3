package collect

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// pace slows requests down before the service refuses them: it says with each answer how many it still takes. Azure Resource Manager has a
// bucket that fills up again every second; Resource Graph a quota that is set again after some seconds. Both are of one kind of request, but
// one that waits a second too long is cheaper than one that is refused.
type pace struct {
	mu    sync.Mutex
	until time.Time // no request before
	wait  func(context.Context, time.Duration) error
}

// Below lowRemaining requests a second is waited, in which Azure Resource Manager adds more than that.
const (
	lowRemaining = 20
	breath       = time.Second
)

// wait waits, or gives the cause why there is nothing to wait for any more.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Do makes one try of a request.
func (p *pace) Do(req *policy.Request) (*http.Response, error) {
	p.mu.Lock()
	d := time.Until(p.until)
	p.mu.Unlock()
	if d > 0 {
		if err := p.wait(req.Raw().Context(), d); err != nil {
			return nil, err
		}
	}
	resp, err := req.Next()
	if err != nil {
		return nil, err
	}
	if d := breathe(resp.Header); d > 0 {
		p.mu.Lock()
		if until := time.Now().Add(d); until.After(p.until) {
			p.until = until
		}
		p.mu.Unlock()
	}
	return resp, nil
}

// breathe tells how long no request should be made after an answer with these headers.
func breathe(h http.Header) time.Duration {
	if left, err := strconv.Atoi(h.Get("x-ms-user-quota-remaining")); err == nil && left <= 0 {
		if t, err := time.Parse(time.TimeOnly, h.Get("x-ms-user-quota-resets-after")); err == nil {
			return min(t.Sub(t.Truncate(24*time.Hour)), maxDelay)
		}
		return breath
	}
	for name, values := range h {
		if !strings.HasPrefix(name, "X-Ms-Ratelimit-Remaining-") || len(values) == 0 {
			continue
		}
		if left, err := strconv.Atoi(values[0]); err == nil && left < lowRemaining {
			return breath
		}
	}
	return 0
}
