package signin

import (
	"context"
	"crypto/sha256"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// Prefix is how each token begins, so that one that leaks is recognised as what it is.
const Prefix = "ficus_"

const (
	maxToken      = 256     // bytes of a token that is looked up
	maxSigned     = 8 << 10 // and of one that says itself whose it is
	defaultFresh  = 3 * time.Second
	defaultSize   = 10_000
	lookupTimeout = 5 * time.Second
)

// Tokens knows the tokens that were handed out.
type Tokens interface {
	// Lookup finds the principal of a token by the SHA-256 of its text, and when it expires
	// (zero: never). Faults: Unauthorized if there is none, or it was revoked; the principal
	// then says whose it was, if that is known, for the audit alone.
	Lookup(ctx context.Context, hash [sha256.Size]byte) (access.Principal, time.Time, error)
}

// Signed reads tokens that say themselves whose they are.
type Signed interface {
	// Principal is who acts with a token, and when it expires. Faults: as Lookup.
	Principal(ctx context.Context, token string) (access.Principal, time.Time, error)
}

// Options may all be zero.
type Options struct {
	Signed Signed // reads what does not begin with Prefix; nil: nothing else is taken
	Now    func() time.Time
	Fresh  time.Duration                  // how long what was found out about a token is believed; default 3 s
	Size   int                            // how many tokens are remembered; default 10,000
	Audit  func(context.Context, Refusal) // is told of each refusal; must be quick
	Limits *edge.Limits                   // of people, clients and addresses; nil: there are none
}

// Gate signs requests in. It is safe for concurrent use.
type Gate struct {
	tokens Tokens
	o      Options
	known  *memory
	once   singleflight.Group
}

// New makes a Gate.
func New(t Tokens, o Options) *Gate {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fresh <= 0 {
		o.Fresh = defaultFresh
	}
	if o.Size <= 0 {
		o.Size = defaultSize
	}
	if o.Audit == nil {
		o.Audit = func(context.Context, Refusal) {}
	}
	return &Gate{tokens: t, o: o, known: newMemory(o.Size)}
}

// Principal is who sent the request. Faults: Unauthorized; TooMany, once there are more of him, of his client, or of
// those from there that let nobody in, than Options.Limits say; Unavailable and the like if the tokens cannot be asked.
func (g *Gate) Principal(r *http.Request) (access.Principal, error) {
	p, err := g.signIn(r)
	if err != nil {
		return access.Principal{}, g.refused(r, p, err)
	}
	if err := g.limit(p); err != nil {
		return access.Principal{}, err
	}
	return p, nil
}

func (g *Gate) signIn(r *http.Request) (access.Principal, error) {
	token, err := bearer(r)
	if err != nil {
		return access.Principal{}, err
	}
	p, err := g.find(r.Context(), token)
	if err != nil {
		return p, err
	}
	p.Address, p.Agent, p.RequestID = address(r), agent(r), r.Header.Get("X-Request-Id")
	return p, nil
}

// bearer reads the Authorization header (RFC 6750 section 2.1). Faults: Unauthorized.
func bearer(r *http.Request) (string, error) {
	h := r.Header["Authorization"]
	if len(h) == 0 {
		return "", fault.New(fault.Unauthorized, "a bearer token is needed: send the header Authorization: Bearer with an access token, or one that ficus admin token has made")
	}
	scheme, token, _ := strings.Cut(h[0], " ")
	token = strings.TrimSpace(token)
	if len(h) > 1 || !strings.EqualFold(scheme, "Bearer") || !looksLike(token) {
		return "", fault.New(fault.Unauthorized, "the Authorization header does not hold a token of this server")
	}
	return token, nil
}

// looksLike tells whether a text could be a token of this server: one that is looked up, or a JWT.
func looksLike(token string) bool {
	if strings.HasPrefix(token, Prefix) {
		return len(token) <= maxToken
	}
	return len(token) <= maxSigned && strings.Count(token, ".") == 2
}

func invalid() error {
	return fault.New(fault.Unauthorized, "the token is not known, has expired or was revoked")
}

// find asks the memory, then the tokens; callers that ask for one token at the same time share the answer.
func (g *Gate) find(ctx context.Context, token string) (access.Principal, error) {
	now, hash := g.o.Now(), sha256.Sum256([]byte(token))
	a, known := g.known.get(hash)
	if !known || !now.Before(a.until) {
		v, err, _ := g.once.Do(string(hash[:]), func() (any, error) { return g.ask(ctx, hash, token) })
		if err != nil {
			return access.Principal{}, err
		}
		a, _ = v.(answer)
	}
	if !a.ok || !a.expiry.IsZero() && !now.Before(a.expiry) {
		return a.principal, invalid()
	}
	return a.principal, nil
}

// ask looks the token up and remembers what it hears, also that there is none. It does
// not end with the one request that happened to start it.
func (g *Gate) ask(ctx context.Context, hash [sha256.Size]byte, token string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	defer cancel()
	now := g.o.Now()
	p, expiry, err := g.lookup(ctx, hash, token)
	if err != nil && !fault.Is(err, fault.Unauthorized) {
		return answer{}, err
	}
	a := answer{principal: p, expiry: expiry, ok: err == nil, until: now.Add(g.o.Fresh)}
	g.known.put(hash, a)
	return a, nil
}

func (g *Gate) lookup(ctx context.Context, hash [sha256.Size]byte, token string) (access.Principal, time.Time, error) {
	switch {
	case strings.HasPrefix(token, Prefix):
		return g.tokens.Lookup(ctx, hash)
	case g.o.Signed == nil:
		return access.Principal{}, time.Time{}, invalid()
	}
	return g.o.Signed.Principal(ctx, token)
}

// mostAgent bounds what of the name is kept.
const mostAgent = 120

// agent is what the program calls itself, cut to a length that tells programs apart, in printable ASCII.
func agent(r *http.Request) string {
	name := r.UserAgent()
	name = name[:min(len(name), mostAgent)]
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, name)
}

// address is where the request came from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
