package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/policy"
	armruntime "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/entra"
)

// The clouds of Azure, by the names that Terraform has for them; the first is the usual one.
const (
	Public       = "public"
	USGovernment = "usgovernment"
	China        = "china"
)

// Clouds lists them.
var Clouds = []string{Public, USGovernment, China}

// Access is how Azure Resource Manager is reached.
type Access struct {
	Cloud string // of Clouds
	// What follows is for servers of tests: a cloud, an identity and a transport of their own, and the wait before a request is made again.
	Of         *cloud.Configuration
	Identity   azcore.TokenCredential
	Transport  azpolicy.Transporter
	RetryDelay time.Duration
}

// How requests are made. A try that hangs is given up and made again. The service says itself how long to wait when it is busy; one that says
// longer than maxDelay is not waited for.
const (
	retries    = 6
	retryDelay = time.Second
	maxDelay   = 5 * time.Minute
	tryTimeout = 2 * time.Minute
	atOnce     = 8
	// brokenTries is how often a page is asked for that is no JSON.
	brokenTries = 3
	// giveUp is after how many failed requests in a row, each tried again and again, the others are not begun.
	giveUp = 3
)

// client asks Azure Resource Manager. It is safe for concurrent use.
type client struct {
	endpoint *url.URL
	pipeline runtime.Pipeline
	slots    chan struct{} // requests under way
	failed   atomic.Int32  // in a row
	requests atomic.Int64
}

// open prepares to ask. Nothing is asked yet.
func (a Access) open() (*client, error) {
	of := cloud.AzurePublic
	switch a.Cloud {
	case USGovernment:
		of = cloud.AzureGovernment
	case China:
		of = cloud.AzureChina
	}
	if a.Of != nil {
		of = *a.Of
	}
	id := a.Identity
	if id == nil {
		var err error
		if id, err = entra.Identity(of); err != nil {
			return nil, err
		}
	}
	delay := a.RetryDelay
	if delay == 0 {
		delay = retryDelay
	}
	options := &policy.ClientOptions{DisableRPRegistration: true, ClientOptions: azpolicy.ClientOptions{
		Cloud: of, Transport: a.Transport,
		Retry:            azpolicy.RetryOptions{MaxRetries: retries, RetryDelay: delay, MaxRetryDelay: maxDelay, TryTimeout: tryTimeout},
		Telemetry:        azpolicy.TelemetryOptions{ApplicationID: "pidledger"},
		PerRetryPolicies: []azpolicy.Policy{&pace{wait: wait}},
	}}
	pipeline, err := armruntime.NewPipeline("pidledger", "v1", id, runtime.PipelineOptions{}, options)
	if err != nil {
		return nil, err
	}
	endpoint, err := url.Parse(of.Services[cloud.ResourceManager].Endpoint)
	if err != nil {
		return nil, err
	}
	return &client{endpoint: endpoint, pipeline: pipeline, slots: make(chan struct{}, atOnce)}, nil
}

// address is that of a path with its query.
func (c *client) address(path string, query ...string) string {
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	return c.endpoint.JoinPath(path).String() + "?" + strings.ReplaceAll(values.Encode(), "+", "%20") // as the SDK does: Azure takes a plus for a plus
}

// ask is one request, whose body is an answer in JSON. body is sent with POST; nil: GET.
type ask struct {
	what    string // for messages, such as: the deployments of resource group X
	scope   string // that a role has to be on
	address string
	body    any
}

// do makes a request until it is answered with JSON. When those before failed again and again, it is not made.
func (c *client) do(ctx context.Context, a ask) ([]byte, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if c.failed.Load() >= giveUp {
		return nil, &Error{What: a.what, Scope: a.scope, Reason: fmt.Sprintf("not tried, after %d requests in a row that failed", giveUp), Hint: hintNetwork}
	}
	var err error
	for range brokenTries {
		var answer []byte
		answer, err = c.request(ctx, a)
		if err == nil && fastjson.ValidateBytes(answer) != nil {
			err = errBroken
			continue
		}
		if err == nil {
			c.failed.Store(0)
			return answer, nil
		}
		break
	}
	err = explain(ctx, a, err)
	var e *Error
	switch {
	case errors.As(err, &e) && e.answer:
		c.failed.Store(0)
	case e != nil:
		c.failed.Add(1)
	}
	return nil, err
}

// request makes a request once more than it has to be made again.
func (c *client) request(ctx context.Context, a ask) ([]byte, error) {
	c.requests.Add(1)
	method := http.MethodGet
	if a.body != nil {
		method = http.MethodPost
	}
	req, err := runtime.NewRequest(ctx, method, a.address)
	if err != nil {
		return nil, err
	}
	req.Raw().Header.Set("Accept", "application/json")
	if a.body != nil {
		data, err := json.Marshal(a.body)
		if err != nil {
			return nil, err
		}
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(data)), "application/json"); err != nil {
			return nil, err
		}
	}
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(resp, http.StatusOK) {
		return nil, runtime.NewResponseError(resp)
	}
	return runtime.Payload(resp)
}

// page is one answer of a listing.
type page struct {
	body    []byte            // as it came
	records []*fastjson.Value // valid until the next page
}

// pages gives the answers of a listing one after the other, by the links that they hold.
func (c *client) pages(ctx context.Context, a ask, use func(page) error) error {
	return c.turn(ctx, a, "value", use, func(a *ask, answer *fastjson.Value) (string, error) {
		next := string(answer.GetStringBytes("nextLink"))
		if next == "" {
			return "", nil
		}
		var err error
		if a.address, err = c.follow(next); err != nil {
			return "", &Error{What: a.what, Scope: a.scope, Reason: err.Error(), answer: true}
		}
		return a.address, nil
	})
}

// turn gives the answers of a listing one after the other. next makes the request for the page after an answer, and gives what no other
// page is asked for with; empty: it was the last one.
func (c *client) turn(ctx context.Context, a ask, records string, use func(page) error, next func(a *ask, answer *fastjson.Value) (string, error)) error {
	var parser fastjson.Parser
	seen := map[string]bool{a.address: true}
	for {
		body, err := c.do(ctx, a)
		if err != nil {
			return err
		}
		v, err := parser.ParseBytes(body)
		if err != nil {
			return err
		}
		list := v.Get(records)
		if list == nil || list.Type() != fastjson.TypeArray {
			return &Error{What: a.what, Scope: a.scope, Reason: "the answer is no list", answer: true}
		}
		if err := use(page{body, list.GetArray()}); err != nil {
			return err
		}
		mark, err := next(&a, v)
		switch {
		case err != nil || mark == "":
			return err
		case seen[mark]:
			return &Error{What: a.what, Scope: a.scope, Reason: "the pages of the listing lead back to one that was read", answer: true}
		}
		seen[mark] = true
	}
}

// follow is the address of a link in an answer. A link that leads elsewhere would take the token along.
func (c *client) follow(link string) (string, error) {
	to, err := url.Parse(link)
	if err != nil {
		return "", errors.New("its next page has an address that cannot be read")
	}
	to = c.endpoint.ResolveReference(to)
	if to.Scheme != c.endpoint.Scheme || !strings.EqualFold(to.Host, c.endpoint.Host) || to.User != nil {
		return "", fmt.Errorf("its next page is said to be on %q, not on %q", to.Host, c.endpoint.Host)
	}
	return to.String(), nil
}
