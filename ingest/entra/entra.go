// Package entra finds out who this process is in Microsoft Entra, the way Azure's own tools do: by its environment, workload identity, managed
// identity or `az login`.
package entra

import (
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Identity prepares the credential of this process for a cloud. Nothing is asked yet.
func Identity(of cloud.Configuration) (azcore.TokenCredential, error) {
	return identity(of, policy.ClientOptions{})
}

func identity(of cloud.Configuration, options policy.ClientOptions) (azcore.TokenCredential, error) {
	options.Cloud = of
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options})
}

// IsRefused tells whether an error means that no credential could be used, or that Entra accepted none.
func IsRefused(err error) bool {
	var refused *azidentity.AuthenticationFailedError
	if errors.As(err, &refused) {
		return true
	}
	var own interface{ NonRetriable() } // the type of this error is the SDK's own
	return errors.As(err, &own) && strings.Contains(err.Error(), "redential")
}

// Unreached tells why Entra was not reached to judge a credential; empty: it was, or there is no credential to judge.
func Unreached(err error) string {
	var refused *azidentity.AuthenticationFailedError
	if !errors.As(err, &refused) || refused.RawResponse != nil {
		return ""
	}
	_, why, found := strings.Cut(err.Error(), "dial tcp") // the SDK keeps only the text of the cause
	if !found {
		return ""
	}
	why, _, _ = strings.Cut(why, "\n")
	why, _, _ = strings.Cut(why, ". To troubleshoot")
	return "dial tcp" + why
}
