package terms

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Options says what a Service is made of. Every zero value works.
type Options struct {
	Now    func() time.Time
	Memory int64 // bytes of definitions that are kept ready, counted as JSON; default 256 MiB
	Strict bool  // $validate refuses what the reference validator of HL7 refuses
}

// Service answers for all tenants. It is safe for concurrent use.
type Service struct {
	store  *store.Store
	now    func() time.Time
	strict bool
	shelf  shelf

	published lastPublished

	mu    sync.Mutex
	names map[name]named
}

// New makes a Service over a store.
func New(s *store.Store, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Memory <= 0 {
		o.Memory = 256 << 20
	}
	return &Service{store: s, now: o.Now, strict: o.Strict, shelf: shelf{most: o.Memory}, names: map[name]named{}, published: lastPublished{base: sync.OnceValues(baseStated)}}
}

// name is a definition as it is asked for.
type name struct {
	tenant         int32
	typ, canonical string
}

// named is what a name led to, and when that was looked up.
type named struct {
	key    store.Key // of type "": there was none
	number int64     // of the version that was found
	at     time.Time
}

const (
	lookAgain = 20 * time.Second // a name may lead to another, newer definition
	missAgain = time.Second      // a definition may have come
	mostNames = 20_000
)

// find is where the definition of that type and canonical url is stored; its Type is "" if there is none.
func (s *Service) find(ctx context.Context, tenant int32, typ, canonical string) (named, error) {
	n := name{tenant, typ, canonical}
	s.mu.Lock()
	known, ok := s.names[n]
	s.mu.Unlock()
	age := s.now().Sub(known.at)
	if ok && (known.key.Type != "" && age < lookAgain || age < missAgain) {
		return known, nil
	}
	found, err := s.search(ctx, n)
	if err != nil {
		return named{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= mostNames {
		clear(s.names)
	}
	s.names[n] = found
	return found, nil
}

func (s *Service) forget(tenant int32, typ, canonical string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.names, name{tenant, typ, canonical})
}

func (s *Service) search(ctx context.Context, n name) (named, error) {
	v, err := s.newest(ctx, n.tenant, n.typ, n.canonical)
	if err != nil || v.ID == "" {
		return named{at: s.now()}, err
	}
	return named{store.Key{Type: v.Type, ID: v.ID}, v.Number, s.now()}, nil
}

// newest is the definition with the highest version of those with the url; one that is retired only where there is no other.
func (s *Service) newest(ctx context.Context, tenant int32, typ, canonical string) (best store.Version, err error) {
	url, version, _ := strings.Cut(canonical, "|")
	pairs := []search.Pair{{Name: "url", Value: search.Escape(url)}, {Name: "_count", Value: "20"}}
	if version != "" {
		pairs = append(pairs, search.Pair{Name: "version", Value: search.Escape(version)})
	}
	q, _, err := search.Parse(typ, pairs, search.Strict)
	if err != nil {
		return best, err
	}
	page, err := s.store.As(access.Inside(tenant, "terms")).Search(ctx, q)
	if err != nil {
		return best, err
	}
	var rank ranked
	for _, v := range page.Entries {
		r, err := v.Resource()
		if err != nil {
			return best, err
		}
		if now := rankOf(r); best.ID == "" || rank.less(now) {
			best, rank = v, now
		}
	}
	return best, nil
}

// ranked orders definitions with the same url.
type ranked struct {
	active  bool
	version string
	updated string
}

func rankOf(r fhir.Resource) ranked {
	return ranked{r.Get("status").Str() != "retired", r.Get("version").Str(), r.Meta().LastUpdated}
}

func (a ranked) less(b ranked) bool {
	if a.active != b.active {
		return b.active
	}
	if a.version != b.version {
		return fhir.Older(a.version, b.version)
	}
	return a.updated < b.updated
}

// stored is a definition read: the value of type T that read makes of the resource.
func stored[T any](ctx context.Context, s *Service, tenant int32, typ, canonical string, read func(fhir.Resource) (T, error)) (out T, ok bool, err error) {
	for range 3 { // what was found may be gone or have changed meanwhile
		at, err := s.find(ctx, tenant, typ, canonical)
		if err != nil || at.key.Type == "" {
			return out, false, err
		}
		number, err := s.store.Standing(ctx, tenant, at.key)
		if err != nil {
			return out, false, err
		}
		if number == 0 || number != at.number && strings.Contains(canonical, "|") { // it may have another version by now
			s.forget(tenant, typ, canonical)
			continue
		}
		v, same, err := s.shelf.get(ctx, spot{tenant, at.key, number}, func() (any, int64, error) { return load(ctx, s, tenant, at, number, canonical, read) })
		if err != nil {
			return out, false, err
		}
		if out, ok = v.(T); ok && same {
			return out, true, nil
		}
		s.forget(tenant, typ, canonical)
	}
	return out, false, nil
}

// load reads a definition in the version that stood when it was asked for, or a newer one: who waits for the very version
// may wait for ever while others write. One that is gone or has changed to another url comes back as nothing.
func load[T any](ctx context.Context, s *Service, tenant int32, at named, number int64, canonical string, read func(fhir.Resource) (T, error)) (any, int64, error) {
	found, err := s.store.Fetch(ctx, tenant, []store.Key{at.key})
	if err != nil || len(found) == 0 || found[0].Deleted || found[0].Number < number {
		return nil, 0, err
	}
	r, err := found[0].Resource()
	if err != nil {
		return nil, 0, err
	}
	if url, _, _ := strings.Cut(canonical, "|"); r.Get("url").Str() != url {
		return nil, 0, nil
	}
	v, err := read(r)
	if err != nil {
		return nil, 0, unreadable(at.key, err)
	}
	return v, int64(len(found[0].Body)), nil
}

func unreadable(k store.Key, err error) error {
	text := "it cannot be read"
	if f := fault.Find(err); f != nil {
		text = f.Text
	}
	return fault.New(fault.Unprocessable, "the stored %s/%s is of no use: %s", k.Type, k.ID, text)
}
