package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/pidledger/pidledger/ingest/entra"
)

// Error says what could not be done in Blob Storage. It never holds an address with a signature.
type Error struct {
	Do     string // such as: read
	Where  string // az://...
	Reason string
	Hint   string // the way out; may be empty

	gone    bool // it is not there
	changed bool // it is another one than was asked for
	answer  bool // the service answered, and will say the same again
}

func (e *Error) Error() string { return fmt.Sprintf("%s %s: %s", e.Do, e.Where, e.Reason) }

// Try returns the way out.
func (e *Error) Try() string { return e.Hint }

// IsGone tells whether what was asked for is not there.
func IsGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.gone
}

// IsChanged tells whether a blob is not the one any longer that was asked for.
func IsChanged(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.changed || e.gone)
}

// IsConflict tells whether a write was refused because of its condition: another blob is in the place.
func IsConflict(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.changed
}

// The ways out.
const (
	hintNetwork = "look whether this machine reaches the account (network, firewall, name); what was read stays, and the next run does the rest"
	hintSecret  = "let its owner make a new one, and put it into the environment or the file of azure.credentials: pidledger help blob"
	hintLogin   = "az login, a managed identity, or AZURE_TENANT_ID and the like; or a connection string or SAS: pidledger help blob"
)

// signature is what must be in no message, however it got there.
var signature = regexp.MustCompile(`(?i)(sig|sharedaccesssignature|accountkey)=[^&;\s"']+`)

func redact(text string) string {
	return signature.ReplaceAllString(text, "$1=REDACTED")
}

// explain makes an *Error of what the SDK said. The end of ctx stays what it is.
func (c *Container) explain(ctx context.Context, do, name string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return err // of this machine
	}
	e := &Error{Do: do, Where: strings.TrimSuffix(c.place.Of(name), "/")}
	var response *azcore.ResponseError
	var lost *url.Error
	switch {
	case errors.As(err, &response):
		e.answer = response.StatusCode < http.StatusInternalServerError && response.StatusCode != http.StatusTooManyRequests
		c.explainResponse(e, response)
	case entra.Unreached(err) != "":
		e.Reason, e.Hint, e.answer = "Microsoft Entra was not reached: "+entra.Unreached(err), hintNetwork, true
	case entra.IsRefused(err):
		e.Reason, e.Hint, e.answer = "no credential was found that is good for it: "+firstLine(err), hintLogin, true
	case errors.As(err, &lost):
		e.Reason, e.Hint = "it was not reached: "+redact(lost.Err.Error()), hintNetwork
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason, e.Hint = "the connection broke off again and again", hintNetwork
	default:
		e.Reason = redact(firstLine(err))
	}
	return e
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(redact(err.Error()), "\n")
	return strings.TrimSpace(line)
}

// explainResponse says what the service meant.
func (c *Container) explainResponse(e *Error, r *azcore.ResponseError) {
	role := "Storage Blob Data Reader"
	if e.Do != "read" && e.Do != "list" && e.Do != "open" {
		role = "Storage Blob Data Contributor"
	}
	switch code := bloberror.Code(r.ErrorCode); {
	case code == bloberror.ContainerNotFound:
		e.Where = strings.TrimSuffix(c.place.Of(""), "/")
		e.Reason, e.Hint, e.gone = "there is no such container", "correct the name, or make it: az storage container create", true
	case r.StatusCode == http.StatusNotFound:
		e.Reason, e.gone = "it is not there", true
	case r.StatusCode == http.StatusPreconditionFailed, code == bloberror.BlobAlreadyExists:
		e.Reason, e.changed = "it was written to", true
	case r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized:
		c.explainRefusal(e, code, role)
	case code == bloberror.BlobArchived:
		e.Reason, e.Hint = "it is in the archive tier", "az storage blob set-tier --tier Hot, and wait until it is back"
	case r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= http.StatusInternalServerError:
		e.Reason, e.Hint = fmt.Sprintf("the service was busy again and again (%d %s)", r.StatusCode, r.ErrorCode), hintNetwork
	default:
		e.Reason = fmt.Sprintf("the service refused it (%d %s)", r.StatusCode, r.ErrorCode)
	}
}

func (c *Container) explainRefusal(e *Error, code bloberror.Code, role string) {
	end := c.secret.expired(time.Now())
	switch {
	case !end.IsZero():
		e.Reason, e.Hint = fmt.Sprintf("the SAS of %s expired on %s", c.secret.from, end.Format("2006-01-02 15:04 UTC")), hintSecret
	case c.secret != nil:
		e.Reason, e.Hint = fmt.Sprintf("the credential of %s does not allow it (%s)", c.secret.from, code), hintSecret
	case code == bloberror.AuthorizationFailure:
		e.Reason, e.Hint = "the firewall of the account does not let this machine in ("+string(code)+")", "allow its network or address under Networking of the account"
	default:
		e.Reason, e.Hint = fmt.Sprintf("the identity that this runs as may not do it (%s)", code), "give it the role "+role+" on the container"
	}
}
