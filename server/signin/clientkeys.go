package signin

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"github.com/ficushealth/ficus/care/accounts"
)

const (
	keysFresh  = 5 * time.Minute  // how long keys that were fetched are believed
	keysFailed = 30 * time.Second // how long it is not tried again to fetch some, or to look for one that was not there
	keysMost   = 1000             // addresses that are remembered
)

// clientKeys knows the public keys of clients: those that were registered, and those at an address.
type clientKeys struct {
	fetch func(context.Context, string) ([]byte, error)
	now   func() time.Time
	one   singleflight.Group

	mu    sync.Mutex
	known map[string]fetched
}

type fetched struct {
	set jose.JSONWebKeySet // empty: there was none
	at  time.Time
}

func newClientKeys(fetch func(context.Context, string) ([]byte, error), now func() time.Time) *clientKeys {
	return &clientKeys{fetch: fetch, now: now, known: map[string]fetched{}}
}

// of gives those keys of a client that have this id. A client that has changed its keys uses one that is not known yet, and is
// asked for them then.
func (k *clientKeys) of(ctx context.Context, c accounts.Client, id string) []jose.JSONWebKey {
	if !c.KeysAddress() {
		return named(parseSet([]byte(c.JWKS)), id)
	}
	f, age := k.remembered(c.JWKS)
	keys := named(f.set, id)
	if age < keysFailed || age < keysFresh && len(keys) > 0 {
		return keys
	}
	return named(k.read(ctx, c.JWKS), id)
}

func (k *clientKeys) remembered(address string) (fetched, time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, found := k.known[address]
	if !found {
		return f, keysFresh
	}
	return f, k.now().Sub(f.at)
}

// read fetches keys; who asks for the same ones at the same time shares the answer.
func (k *clientKeys) read(ctx context.Context, address string) jose.JSONWebKeySet {
	set, _, _ := k.one.Do(address, func() (any, error) {
		body, err := k.fetch(context.WithoutCancel(ctx), address)
		f := fetched{at: k.now()}
		if err == nil {
			f.set = parseSet(body)
		}
		k.remember(address, f)
		return f.set, nil
	})
	out, _ := set.(jose.JSONWebKeySet)
	return out
}

func (k *clientKeys) remember(address string, f fetched) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= keysMost {
		clear(k.known)
	}
	k.known[address] = f
}

// parseSet reads a key set, leaving out keys that it does not know (RFC 7517 section 5).
func parseSet(text []byte) (set jose.JSONWebKeySet) {
	var all struct{ Keys []json.RawMessage }
	if json.Unmarshal(text, &all) != nil {
		return set
	}
	for _, one := range all.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(one, &key) == nil && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			set.Keys = append(set.Keys, key)
		}
	}
	return set
}

// named are the keys that could have signed what says this id, or none.
func named(set jose.JSONWebKeySet, id string) []jose.JSONWebKey {
	if id == "" {
		return set.Keys
	}
	return set.Key(id)
}
