package collect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// answers is a transport that gives headers one after the other.
type answers []http.Header

func (a *answers) Do(*http.Request) (*http.Response, error) {
	if len(*a) == 0 {
		return nil, errors.New("no more answers")
	}
	h := (*a)[0]
	*a = (*a)[1:]
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// After an answer that leaves few requests, the next one waits: as long as the service says, or a moment.
func TestPace(t *testing.T) {
	reads := "x-ms-ratelimit-remaining-subscription-reads"
	all := answers{
		header(reads, "250"), header(reads, "19"), header(reads, "250"),
		header("x-ms-user-quota-remaining", "0", "x-ms-user-quota-resets-after", "00:00:05"), header("x-ms-user-quota-remaining", "1"),
		header("x-ms-user-quota-remaining", "0"), header(reads, "many"),
	}
	var waits []time.Duration
	p := &pace{}
	p.wait = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d.Round(time.Second))
		p.until = time.Time{} // it has passed
		return nil
	}
	pipeline := runtime.NewPipeline("test", "v1", runtime.PipelineOptions{PerRetry: []policy.Policy{p}}, &policy.ClientOptions{Transport: &all})
	for len(all) > 0 {
		req, err := runtime.NewRequest(t.Context(), http.MethodGet, "https://management.invalid/")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.Do(req); err != nil {
			t.Fatal(err)
		}
	}
	if want := []time.Duration{time.Second, 5 * time.Second, time.Second}; !slices.Equal(waits, want) {
		t.Errorf("waited %v, not %v", waits, want)
	}
}

func TestBreathe(t *testing.T) {
	for _, c := range []struct {
		header http.Header
		want   time.Duration
	}{
		{header(), 0},
		{header("x-ms-ratelimit-remaining-subscription-reads", "20"), 0},
		{header("x-ms-ratelimit-remaining-subscription-reads", "19"), time.Second},
		{header("x-ms-ratelimit-remaining-tenant-reads", "0"), time.Second},
		{header("x-ms-ratelimit-remaining-tenant-reads", "x"), 0},
		{header("x-ms-user-quota-remaining", "1", "x-ms-user-quota-resets-after", "00:00:05"), 0},
		{header("x-ms-user-quota-remaining", "0", "x-ms-user-quota-resets-after", "00:00:05"), 5 * time.Second},
		{header("x-ms-user-quota-remaining", "0", "x-ms-user-quota-resets-after", "23:00:00"), maxDelay},
		{header("x-ms-user-quota-remaining", "0"), time.Second},
	} {
		if got := breathe(c.header); got != c.want {
			t.Errorf("%v: %v, not %v", c.header, got, c.want)
		}
	}
}

// A wait ends with its context.
func TestWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := wait(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

// Names of Azure become names of folders that are no others.
func TestPlain(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"rg-a", "RG_b.(1)", "größe", "grösse", "..", ".", "a/../../b", ".hidden", "a\x00b", "日本", strings.Repeat("é", 90)} {
		got := plain(name)
		if got == "" || strings.ContainsAny(got, "/\\\x00:") || strings.HasPrefix(got, ".") || seen[got] != "" {
			t.Errorf("%q becomes %q", name, got)
		}
		seen[got] = name
	}
	if plain("RG-A") != plain("rg-a") || plain("rg-a") != "rg-a" {
		t.Error(plain("RG-A"), plain("rg-a"))
	}
}
