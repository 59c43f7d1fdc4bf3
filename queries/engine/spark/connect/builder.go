//go:build spark

package connect

import (
	"context"
	"crypto/tls"

	"github.com/apache/spark-connect-go/spark/client/channel"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// builder makes the connection for the client. Its own one receives at most 4 MiB at once, less than Spark sends, and uses TLS if there is a
// token, and then only.
type builder struct {
	host, address string
	token, user   string
	headers       map[string]string
	tls           bool
}

var _ channel.Builder = (*builder)(nil)

// received is the most that is taken at once, in bytes.
const received = 128 << 20

// Build makes the connection; it opens with the first call.
func (b *builder) Build(context.Context) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if b.tls {
		transport = credentials.NewTLS(&tls.Config{ServerName: b.host, MinVersion: tls.VersionTLS12})
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(received))}
	if b.token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer{b.token, b.tls}))
	}
	return grpc.NewClient(b.address, options...)
}

func (b *builder) User() string               { return b.user }
func (b *builder) Headers() map[string]string { return b.headers }
func (b *builder) SessionId() string          { return uuid.NewString() }
func (b *builder) UserAgent() string          { return "pidledger" }

// bearer sends a token with every call.
type bearer struct {
	token string
	tls   bool
}

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.token}, nil
}

// RequireTransportSecurity has the connection refuse to send the token in clear, but to this machine itself.
func (b bearer) RequireTransportSecurity() bool { return b.tls }
