// Package blobtest has what tests of Blob Storage need: containers of the emulator that testdata/azurite starts, and a proxy before it that
// fails as Azure does.
package blobtest

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"golang.org/x/sync/errgroup"
)

// Variable tells tests how to reach the emulator: a connection string.
const Variable = "PIDLEDGER_AZURITE"

// Account is the account that the emulator always has; testdata/azurite gives it those of OtherAccounts, too.
const Account = "devstoreaccount1"

// OtherAccounts are what follows Account in the names of the others.
const OtherAccounts = "bcdefgh"

// Container is a container of the emulator, which goes with its test.
type Container struct {
	T      testing.TB
	Name   string
	Client *container.Client

	account string
	key     *container.SharedKeyCredential
}

// Connection is how to reach the emulator; without one the test is skipped.
func Connection(t testing.TB) string {
	c := os.Getenv(Variable)
	if c == "" {
		t.Skip("needs Azurite: make test-azure")
	}
	return c
}

// field is a part of a connection string.
func field(connection, name string) string {
	for part := range strings.SplitSeq(connection, ";") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

// In is a connection string for another account.
func In(account, connection string) string {
	connection = strings.Replace(connection, "AccountName="+Account+";", "AccountName="+account+";", 1)
	return strings.Replace(connection, "/"+Account+";", "/"+account+";", 1)
}

// New makes a container.
func New(t testing.TB) *Container { return NewIn(t, Account) }

// NewIn makes a container of an account.
func NewIn(t testing.TB, account string) *Container {
	connection := In(account, Connection(t))
	c := &Container{T: t, Name: "t" + strings.ToLower(rand.Text()[:16]), account: account}
	var err error
	if c.key, err = container.NewSharedKeyCredential(account, field(connection, "AccountKey")); err != nil {
		t.Fatal(err)
	}
	at := field(connection, "BlobEndpoint") + "/" + c.Name
	if c.Client, err = container.NewClientWithSharedKeyCredential(at, c.key, nil); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Client.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// Location is a folder of the container, as a source names it.
func (c *Container) Location(folder string) string {
	return strings.TrimSuffix("az://"+c.account+"/"+c.Name+"/"+folder, "/")
}

// Put writes a block blob.
func (c *Container) Put(name, text string) {
	c.T.Helper()
	if _, err := c.Client.NewBlockBlobClient(name).UploadBuffer(c.T.Context(), []byte(text), nil); err != nil {
		c.T.Fatal(err)
	}
}

// PutFolder writes all files below a folder of this machine.
func (c *Container) PutFolder(dir, prefix string) {
	c.T.Helper()
	var g errgroup.Group
	g.SetLimit(8)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		g.Go(func() error {
			data, err := os.ReadFile(path)
			if err == nil {
				_, err = c.Client.NewBlockBlobClient(prefix+filepath.ToSlash(rel)).UploadBuffer(c.T.Context(), data, nil)
			}
			return err
		})
		return nil
	})
	if err == nil {
		err = g.Wait()
	}
	if err != nil {
		c.T.Fatal(err)
	}
}

// Append writes to the end of an append blob, which is made when it is not there.
func (c *Container) Append(name, text string) {
	c.T.Helper()
	b := c.Client.NewAppendBlobClient(name)
	if _, err := b.GetProperties(c.T.Context(), nil); err != nil {
		if _, err := b.Create(c.T.Context(), nil); err != nil {
			c.T.Fatal(err)
		}
	}
	if _, err := b.AppendBlock(c.T.Context(), body{bytes.NewReader([]byte(text))}, &appendblob.AppendBlockOptions{}); err != nil {
		c.T.Fatal(err)
	}
}

type body struct{ *bytes.Reader }

func (body) Close() error { return nil }

// Get reads a blob.
func (c *Container) Get(name string) string {
	c.T.Helper()
	data := make([]byte, 64<<20)
	n, err := c.Client.NewBlobClient(name).DownloadBuffer(c.T.Context(), data, &blob.DownloadBufferOptions{})
	if err != nil {
		c.T.Fatal(name, err)
	}
	return string(data[:n])
}

// Delete removes a blob.
func (c *Container) Delete(name string) {
	c.T.Helper()
	if _, err := c.Client.NewBlobClient(name).Delete(c.T.Context(), nil); err != nil {
		c.T.Fatal(err)
	}
}

// Names lists the blobs below a prefix.
func (c *Container) Names(prefix string) (names []string) {
	c.T.Helper()
	pager := c.Client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix})
	for pager.More() {
		page, err := pager.NextPage(c.T.Context())
		if err != nil {
			c.T.Fatal(err)
		}
		for _, b := range page.Segment.BlobItems {
			names = append(names, *b.Name)
		}
	}
	return names
}

// SAS is a URL of the container that is good until then.
func (c *Container) SAS(until time.Time) string {
	c.T.Helper()
	values := sas.BlobSignatureValues{
		Protocol: sas.ProtocolHTTPSandHTTP, StartTime: until.Add(-48 * time.Hour), ExpiryTime: until, ContainerName: c.Name,
		Permissions: (&sas.ContainerPermissions{Read: true, List: true}).String(),
	}
	signed, err := values.SignWithSharedKey(c.key)
	if err != nil {
		c.T.Fatal(err)
	}
	return c.Client.URL() + "?" + signed.Encode()
}

// Proxy stands before the emulator.
type Proxy struct {
	Connection string // that leads through it

	forward  *httputil.ReverseProxy
	mu       sync.Mutex
	requests []string // method and path, with the query
	meddle   func(w http.ResponseWriter, r *http.Request) bool
}

// NewProxy starts a proxy. Meddle answers a request itself, and then returns true; nil: none.
func NewProxy(t testing.TB, meddle func(w http.ResponseWriter, r *http.Request) bool) *Proxy {
	connection := Connection(t)
	endpoint := field(connection, "BlobEndpoint")
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{meddle: meddle}
	p.forward = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests = append(p.requests, r.Method+" "+r.URL.RequestURI())
		meddle := p.meddle
		p.mu.Unlock()
		if meddle == nil || !meddle(w, r) {
			p.Forward(w, r)
		}
	}))
	t.Cleanup(server.Close)
	p.Connection = strings.Replace(connection, endpoint, server.URL+to.Path, 1)
	return p
}

// Forward has the emulator answer a request, whatever becomes of the answer.
func (p *Proxy) Forward(w http.ResponseWriter, r *http.Request) { p.forward.ServeHTTP(w, r) }

// Cut has the emulator answer a request, and breaks the connection off amid the answer.
func (p *Proxy) Cut(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	p.Forward(answer, r)
	maps.Copy(w.Header(), answer.Header())
	w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	panic(http.ErrAbortHandler)
}

// Meddle sets what the proxy does from now on.
func (p *Proxy) Meddle(meddle func(w http.ResponseWriter, r *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddle = meddle
}

// Requests are those since it was asked last.
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.requests
	p.requests = nil
	return all
}

// Reads are those of them that read the content of a blob.
func Reads(requests []string) (reads []string) {
	for _, r := range requests {
		if strings.HasPrefix(r, "GET ") && !strings.Contains(r, "comp=list") {
			reads = append(reads, r)
		}
	}
	return reads
}

// Fail answers as the service does when something is wrong.
func Fail(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("x-ms-error-code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + code + `</Code><Message>` + code + `</Message></Error>`)) // the other side may be gone
	return true
}
