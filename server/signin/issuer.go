package signin

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page"
)

// How long what is handed out is good.
const (
	accessLife  = 20 * time.Minute
	idLife      = 20 * time.Minute
	codeLife    = time.Minute
	onlineLife  = 12 * time.Hour // of a grant that ends with its session
	offlineLife = 30 * 24 * time.Hour
	deviceLife  = 10 * time.Minute
)

// IssuerOptions may all be zero but for Base.
type IssuerOptions struct {
	Base     string                                                    // public address of the FHIR interface: what access tokens are for. Its origin is the issuer
	Now      func() time.Time                                          //
	Fresh    time.Duration                                             // how long what was read of our keys is believed; default 3 s
	Audit    func(context.Context, Refusal)                            // is told of each client that is refused; must be quick
	Log      *slog.Logger                                              // is told of failures inside
	Fetch    func(ctx context.Context, address string) ([]byte, error) // reads the keys of a client; nil: a reader that goes to no private address
	Register bool                                                      // clients may register themselves, with a token that says so
	Limits   *edge.Limits                                              // of those who sign in, ask for tokens and begin with devices; nil: there are none
	Pages    *page.Set                                                 // writes the pages; nil: a set of its own. Who serves the Issuer serves its style, too
}

// Issuer is the server of OAuth 2.1 and OpenID Connect, for all tenants. It is safe for concurrent use.
type Issuer struct {
	book    *accounts.Accounts
	keys    *keyring
	clients *clientKeys
	o       IssuerOptions
	url     string // its name, which begins the addresses of all that it offers
	base    string
	secure  bool // it is reached by HTTPS: cookies are for that alone
	mux     *http.ServeMux
	served  []Route
}

// NewIssuer makes an Issuer. Fault: Invalid if Base is neither reached by HTTPS nor on this machine: tokens would travel for all
// to read. An address at which all networks are listened to is nobody's name.
func NewIssuer(book *accounts.Accounts, v *vault.Vault, o IssuerOptions) (*Issuer, error) {
	u, err := url.Parse(o.Base)
	if err != nil || u.Hostname() == "" || unnamed(u.Hostname()) || u.Scheme != "https" && !(u.Scheme == "http" && accounts.Loopback(u.Hostname())) {
		return nil, fault.New(fault.Invalid, "people and programs sign in at an address that begins with https://, or on this machine alone")
	}
	if o, err = o.orDefault(); err != nil {
		return nil, err
	}
	i := &Issuer{book: book, o: o, url: u.Scheme + "://" + u.Host, base: strings.TrimSuffix(o.Base, "/"), secure: u.Scheme == "https", mux: http.NewServeMux()}
	i.keys = &keyring{v: v, now: o.Now, fresh: o.Fresh}
	i.clients = newClientKeys(o.Fetch, o.Now)
	i.routes()
	return i, nil
}

func unnamed(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsUnspecified()
}

func (o IssuerOptions) orDefault() (_ IssuerOptions, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fresh <= 0 {
		o.Fresh = defaultFresh
	}
	if o.Audit == nil {
		o.Audit = func(context.Context, Refusal) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fetch == nil {
		o.Fetch = newFetcher(public).fetch
	}
	if o.Pages == nil {
		o.Pages, err = page.New()
	}
	return o, err
}

// ServeHTTP answers one request.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }
