package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/entra"
)

// Role is the role that reads all that is collected.
const Role = "Reader"

// Error says what could not be read from Azure.
type Error struct {
	What   string `json:"what"`  // such as: the deployments of resource group X
	Scope  string `json:"scope"` // such as: /subscriptions/S
	Reason string `json:"reason"`
	Role   string `json:"missing_role,omitempty"` // that the identity lacks on the scope
	Hint   string `json:"hint,omitempty"`         // the way out

	login  bool // the process has no identity that could be proved: nothing can be read
	gone   bool // it is not there (any more)
	answer bool // the service answered, and will say the same again
}

func (e *Error) Error() string { return fmt.Sprintf("read %s: %s", e.What, e.Reason) }

// Try returns the way out.
func (e *Error) Try() string { return e.Hint }

// The ways out.
const (
	hintNetwork = "look whether this machine reaches Azure (network, firewall, proxy); what was collected stays, and the next call does the rest"
	hintLogin   = "az login, a managed identity, or AZURE_TENANT_ID and the like"
	hintLater   = "pidledger collect again, later; what was collected stays"
)

// errBroken is a page that is no JSON.
var errBroken = errors.New("the answer is damaged: it is no JSON")

// InUseError says that another call collects into the same folder.
type InUseError struct{ Folder string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("another pidledger collect is at work in %s", e.Folder)
}

// Try returns the way out.
func (e *InUseError) Try() string {
	return "wait until it is done, or name another folder with --dir"
}

// explain makes an *Error of what the SDK said. The end of ctx, and an error of this machine, stay what they are.
func explain(ctx context.Context, a ask, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return err
	}
	e := &Error{What: a.what, Scope: a.scope}
	var response *azcore.ResponseError
	var lost *url.Error
	switch {
	case errors.As(err, &response):
		e.explainResponse(response)
	case errors.Is(err, errBroken):
		e.Reason, e.Hint, e.answer = fmt.Sprintf("%v, %d times in a row", err, brokenTries), hintLater, true
	case entra.Unreached(err) != "":
		e.Reason, e.Hint, e.login = "Microsoft Entra was not reached: "+entra.Unreached(err), hintNetwork, true
	case entra.IsRefused(err):
		e.Reason, e.Hint, e.login = "no credential was found that is good for it: "+firstLine(err), hintLogin, true
	case errors.As(err, &lost):
		e.Reason, e.Hint = "it was not reached: "+lost.Err.Error(), hintNetwork
	default:
		e.Reason, e.Hint = firstLine(err), hintNetwork
	}
	return e
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSpace(line)
}

// explainResponse says what the service meant.
func (e *Error) explainResponse(r *azcore.ResponseError) {
	e.answer = r.StatusCode < http.StatusInternalServerError && r.StatusCode != http.StatusTooManyRequests
	switch {
	case r.StatusCode == http.StatusNotFound:
		e.gone, e.Reason = true, fmt.Sprintf("it is not there (%s)", r.ErrorCode)
		e.Hint = "correct the name, or give the identity that this runs as the role " + Role + " there: it sees nothing of what it may not read"
	case r.StatusCode == http.StatusUnauthorized:
		e.Reason, e.Hint = fmt.Sprintf("the token of this process was not accepted (%s)", r.ErrorCode), hintLogin+"; a subscription of another tenant needs an identity there"
	case r.StatusCode == http.StatusForbidden:
		e.Role = Role
		e.Reason = fmt.Sprintf("the identity that this runs as may not read it (%s)", r.ErrorCode)
		e.Hint = fmt.Sprintf("give it the role %s on %s", Role, e.Scope)
	case r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= http.StatusInternalServerError:
		e.Reason, e.Hint = fmt.Sprintf("the service was busy again and again (%d %s)", r.StatusCode, r.ErrorCode), hintLater
	default:
		e.Reason, e.Hint = fmt.Sprintf("the service refused it (%d %s)%s", r.StatusCode, r.ErrorCode, messageOf(r)), hintLater
	}
}

// messageOf is what the service says about an error, after a colon; empty: nothing.
func messageOf(r *azcore.ResponseError) string {
	const most = 200
	body, err := runtime.Payload(r.RawResponse)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(fastjson.GetString(body, "error", "message"), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return ""
	}
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "..."
	}
	return ": " + line
}
