package blob

import (
	"bufio"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// secret opens an account, or one container of it. Secrets come from the environment or a file, never from arguments or the configuration,
// and are in no message.
type secret struct {
	account   string // empty: any
	container string // that a SAS is for; empty: all
	endpoint  string // of Blob Storage, without slash at its end; empty: that of the location
	key, sas  string // one of them
	from      string // where it was found, for messages
}

// String keeps a secret out of what is printed.
func (s secret) String() string { return "a credential of " + s.from }

// GoString keeps it out of that, too.
func (s secret) GoString() string { return s.String() }

// The variables of the Azure CLI.
const (
	varConnection = "AZURE_STORAGE_CONNECTION_STRING"
	varAccount    = "AZURE_STORAGE_ACCOUNT"
	varKey        = "AZURE_STORAGE_KEY"
	varSAS        = "AZURE_STORAGE_SAS_TOKEN"
)

// readSecrets collects the secrets of a file, one connection string or URL with a SAS per line, and of the variables of the Azure CLI.
func readSecrets(file string, getenv func(string) string) ([]secret, error) {
	var all []secret
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for n := 1; lines.Scan(); n++ {
			line := strings.TrimSpace(lines.Text())
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			s, err := parseSecret(line)
			if err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", file, n, err)
			}
			s.from = fmt.Sprintf("%s, line %d", file, n)
			all = append(all, s)
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
	}
	account := strings.ToLower(getenv(varAccount))
	if text := getenv(varConnection); text != "" {
		s, err := parseSecret(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", varConnection, err)
		}
		s.from = varConnection
		all = append(all, s)
	}
	if sas := getenv(varSAS); sas != "" {
		all = append(all, secret{account: account, sas: strings.TrimPrefix(sas, "?"), from: varSAS})
	}
	if key := getenv(varKey); key != "" && account != "" {
		all = append(all, secret{account: account, key: key, from: varKey})
	}
	return all, nil
}

// parseSecret reads a connection string, or the URL of an account or container with a SAS. Errors do not repeat it.
func parseSecret(text string) (secret, error) {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return parseSASURL(text)
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			fields[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	s := secret{
		account: strings.ToLower(fields["accountname"]), key: fields["accountkey"],
		sas: strings.TrimPrefix(fields["sharedaccesssignature"], "?"), endpoint: strings.TrimSuffix(fields["blobendpoint"], "/"),
	}
	if s.account == "" && s.endpoint != "" {
		s.account = accountOf(s.endpoint)
	}
	if s.endpoint == "" && s.account != "" {
		s.endpoint = cmp.Or(fields["defaultendpointsprotocol"], "https") + "://" + s.account + ".blob." + cmp.Or(fields["endpointsuffix"], "core.windows.net")
	}
	if s.account == "" || s.key == "" && s.sas == "" {
		return secret{}, fmt.Errorf("it is not a connection string: it needs AccountName and AccountKey, or BlobEndpoint and SharedAccessSignature")
	}
	return s, nil
}

func parseSASURL(text string) (secret, error) {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery == "" || !u.Query().Has("sig") {
		return secret{}, fmt.Errorf("it is not a URL of an account or container with a SAS: https://ACCOUNT%s/CONTAINER?SAS", publicSuffix)
	}
	s := secret{sas: u.RawQuery, endpoint: u.Scheme + "://" + u.Host}
	path := strings.Trim(u.Path, "/")
	if !strings.Contains(u.Hostname(), ".blob.") { // an address, with the account in the path
		account, rest, _ := strings.Cut(path, "/")
		s.endpoint += "/" + account
		path = rest
	}
	s.account = accountOf(s.endpoint)
	s.container, _, _ = strings.Cut(path, "/")
	return s, nil
}

// accountOf finds the account in an endpoint: https://ACCOUNT.blob.core.windows.net, or http://127.0.0.1:10000/ACCOUNT.
func accountOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		return strings.ToLower(path)
	}
	account, _, _ := strings.Cut(u.Hostname(), ".")
	return strings.ToLower(account)
}

// secretFor chooses the secret that fits a location best: of its container, its account, or any.
func secretFor(all []secret, l Location) *secret {
	var best *secret
	rank := 0
	for i, s := range all {
		r := 1
		switch {
		case s.container != "" && s.container != l.Container, s.account != "" && s.account != l.Account():
			continue
		case s.container != "":
			r = 3
		case s.account != "":
			r = 2
		}
		if r > rank {
			best, rank = &all[i], r
		}
	}
	return best
}

// expired tells when a SAS ended; the zero time: it is none, or is good.
func (s *secret) expired(now time.Time) time.Time {
	if s == nil || s.sas == "" {
		return time.Time{}
	}
	query, err := url.ParseQuery(s.sas)
	if err != nil {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", time.DateOnly} {
		if end, err := time.Parse(layout, query.Get("se")); err == nil && end.Before(now) {
			return end.UTC()
		}
	}
	return time.Time{}
}
