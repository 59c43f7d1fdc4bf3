package entra

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// tenant and client are those of a process.
const (
	tenant = "cdf84404-0729-4e42-9990-1c0475491bc3"
	client = "0897246a-40c2-40b0-9e89-3302aba9e7b8"
)

// entraServer answers as Microsoft Entra and the metadata service of a virtual machine do, whatever host is asked.
type entraServer struct {
	mu      sync.Mutex
	hosts   map[string]bool
	granted url.Values // what the token was asked for with
}

func (s *entraServer) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	answer := func(v map[string]any) { w.Body.Write(must(json.Marshal(v))) }
	base := "https://" + r.URL.Host + "/" + tenant
	s.hosts[r.URL.Host] = true
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/discovery/instance"):
		answer(map[string]any{"tenant_discovery_endpoint": base + "/v2.0/.well-known/openid-configuration"})
	case strings.HasSuffix(path, "/openid-configuration"):
		answer(map[string]any{"token_endpoint": base + "/oauth2/v2.0/token", "authorization_endpoint": base + "/authorize", "issuer": base + "/v2.0"})
	case path == "/metadata/identity/oauth2/token" && r.Header.Get("Metadata") == "" && r.URL.RawQuery == "":
		w.WriteHeader(http.StatusBadRequest) // as to the question whether it is there
	case path == "/metadata/identity/oauth2/token":
		s.granted = r.URL.Query()
		answer(map[string]any{"access_token": "a token", "expires_in": "3600", "resource": "x", "token_type": "Bearer"})
	case strings.HasSuffix(path, "/oauth2/v2.0/token"):
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.granted = must(url.ParseQuery(string(body)))
		answer(map[string]any{"access_token": "a token", "expires_in": 3600, "token_type": "Bearer"})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A process is who Azure's own tools would take it for, in every cloud: by variables, workload identity, managed identity, or az login.
func TestIdentities(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("told by Kubernetes"), 0o600); err != nil {
		t.Fatal(err)
	}
	az := "#!/bin/sh\necho '{\"accessToken\":\"a token\",\"expires_on\":4102444800,\"tokenType\":\"Bearer\"}'\n"
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte(az), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		environ map[string]string
		cloud   cloud.Configuration
		host    string
		field   string // of the question
		value   string
	}{
		"a secret": {
			map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": "s3cret"},
			cloud.AzurePublic, "login.microsoftonline.com", "client_secret", "s3cret",
		},
		"a secret, US Government": {
			map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": "s3cret"},
			cloud.AzureGovernment, "login.microsoftonline.us", "client_secret", "s3cret",
		},
		"a secret, China": {
			map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": "s3cret"},
			cloud.AzureChina, "login.chinacloudapi.cn", "client_secret", "s3cret",
		},
		"workload identity": {
			map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_FEDERATED_TOKEN_FILE": token},
			cloud.AzurePublic, "login.microsoftonline.com", "client_assertion", "told by Kubernetes",
		},
		"managed identity": {nil, cloud.AzurePublic, "169.254.169.254", "resource", "https://storage.azure.com"},
		"az login":         {map[string]string{"AZURE_TOKEN_CREDENTIALS": "AzureCLICredential", "PATH": dir + string(os.PathListSeparator) + os.Getenv("PATH")}, cloud.AzurePublic, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "az login" && runtime.GOOS == "windows" {
				t.Skip("its az is a script of a shell")
			}
			for _, v := range os.Environ() {
				variable, value, _ := strings.Cut(v, "=")
				if strings.HasPrefix(variable, "AZURE_") || strings.HasPrefix(variable, "IDENTITY_") || strings.HasPrefix(variable, "MSI_") {
					t.Setenv(variable, value) // so that it comes back
					if err := os.Unsetenv(variable); err != nil {
						t.Fatal(err)
					}
				}
			}
			for variable, value := range k.environ {
				t.Setenv(variable, value)
			}
			server := &entraServer{hosts: map[string]bool{}}
			who, err := identity(k.cloud, policy.ClientOptions{Transport: server, Retry: policy.RetryOptions{MaxRetries: -1}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := who.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://storage.azure.com/.default"}})
			if err != nil || got.Token != "a token" || server.granted.Get(k.field) != k.value || k.host != "" && !server.hosts[k.host] || k.host == "" && len(server.hosts) > 0 {
				t.Errorf("%q, %v; asked %v with %v", got.Token, err, server.hosts, server.granted)
			}
		})
	}
}
