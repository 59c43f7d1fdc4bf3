package entra

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// A network that is down is no reason to log in.
func TestUnreached(t *testing.T) {
	for _, name := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID"} {
		t.Setenv(name, "cdf84404-0729-4e42-9990-1c0475491bc3")
	}
	t.Setenv("AZURE_CLIENT_SECRET", "none")
	t.Setenv("AZURE_TOKEN_CREDENTIALS", "prod")
	lost := func() error {
		who, err := identity(cloud.AzurePublic, policy.ClientOptions{Transport: closed{}, Retry: policy.RetryOptions{MaxRetries: -1}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = who.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}})
		return err
	}()
	if why := Unreached(lost); !strings.HasPrefix(why, "dial tcp 127.0.0.1:1: ") || strings.Contains(why, "troubleshoot") {
		t.Errorf("%q of %v", why, lost)
	}
}

// closed sends every request to a port at which nobody listens.
type closed struct{}

func (closed) Do(r *http.Request) (*http.Response, error) {
	r.URL.Host = "127.0.0.1:1"
	return http.DefaultTransport.RoundTrip(r)
}
