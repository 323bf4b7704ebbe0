package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// keyring holds what the vault gives for each tenant, so that it is asked once.
type keyring struct {
	mu      sync.RWMutex
	tenants map[int32]*tenantKeys
}

type tenantKeys struct {
	tenant int32
	sealer *vault.Sealer
	hasher index.Hasher
	cursor [32]byte // seals cursors
	stamps [32]byte // of records
}

// keys are those of a tenant. The first call for a tenant may write, so every
// way into the store makes it before it begins a transaction.
func (s *Store) keys(ctx context.Context, tenant int32) (*tenantKeys, error) {
	s.keyring.mu.RLock()
	k, ok := s.keyring.tenants[tenant]
	s.keyring.mu.RUnlock()
	if ok {
		return k, nil
	}
	sealer, err := s.vault.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if err := s.bear(ctx, tenant); err != nil {
		return nil, err
	}
	k = &tenantKeys{tenant, sealer, index.NewHasher(sealer.Seed()), sealer.Derive("cursors"), sealer.Derive("record stamps")}
	s.keyring.mu.Lock()
	defer s.keyring.mu.Unlock()
	if s.keyring.tenants == nil {
		s.keyring.tenants = map[int32]*tenantKeys{}
	}
	s.keyring.tenants[tenant] = k
	return k, nil
}

func (k *tenantKeys) seal(rid, version int64, plain []byte) ([]byte, error) {
	return k.sealer.Seal(nil, plain, vault.AD{Tenant: k.tenant, RID: rid, Version: version, Use: vault.Body})
}

func (k *tenantKeys) open(rid, version int64, sealed []byte) ([]byte, error) {
	return k.sealer.Open(nil, sealed, vault.AD{Tenant: k.tenant, RID: rid, Version: version, Use: vault.Body})
}

// stored reads a body that was accepted before. No limit of size applies again: what the server writes into a body makes it
// longer than it came, and what was accepted can be read, changed and deleted.
func stored(plain []byte) (fhir.Resource, error) {
	return fhir.Parse(plain, fhir.Limits{Bytes: math.MaxInt})
}

// Resource is the body of a version. A tombstone has none.
func (v Version) Resource() (fhir.Resource, error) { return stored(v.Body) }

// extract computes the index rows of a resource, each reference in the one form in which it is stored. A local reference
// that no search parameter of R4 covers gets a row of its own, so that every reference is known to its target.
func (k *tenantKeys) extract(ctx context.Context, r fhir.Resource, own string, params *index.Own) (index.Rows, error) {
	rows, err := params.Extract(ctx.Done(), r, k.hasher)
	if err != nil {
		return rows, err
	}
	refs := refsOf(r, own)
	aim(rows.Ref, r, refs, own)
	covered := make(map[string]bool, len(rows.Ref))
	for _, x := range rows.Ref {
		covered[x.Target.Text] = covered[x.Target.Text] || !x.Own && here(x)
	}
	for _, ref := range refs {
		row := index.RefRow{Hash: k.hasher.Key("", "reference"), Target: targetForm(ref.Ref, own)}
		if here(row) && !covered[row.Target.Text] {
			covered[row.Target.Text] = true
			rows.Ref = append(rows.Ref, row)
		}
	}
	slices.SortFunc(rows.Ref, compareRef)
	rows.Ref = slices.Compact(rows.Ref)
	return rows, k.contains(ctx, &rows, r, params)
}

// aim gives the rows of references the one form in which they are stored. What a tenant's own parameter finds in the world of
// their own that the resources in a bundle are stands there, like a resource in the place of a reference: it has no number.
func aim(rows []index.RefRow, r fhir.Resource, refs []ref, own string) {
	var known map[string]bool
	bundle := innerWorld(r.Type()) != ""
	if bundle {
		known = named(refs, own)
	}
	for i := range rows {
		x := &rows[i]
		x.Target = targetForm(x.Target, own)
		x.Inline = x.Inline || bundle && x.Own && here(*x) && !known[x.Target.Text]
	}
}

// named are the targets of references, in the form in which they are stored.
func named(refs []ref, own string) map[string]bool {
	out := make(map[string]bool, len(refs))
	for _, x := range refs {
		out[targetForm(x.Ref, own).Text] = true
	}
	return out
}

// contains adds a row for each type of resource that r contains, by which a search finds what it has to open, the units of
// their quantities, and the values that they share with others, each with a row that tells that something has it.
func (k *tenantKeys) contains(ctx context.Context, rows *index.Rows, r fhir.Resource, params *index.Own) error {
	list := r.Get("contained")
	if list.Len() == 0 {
		return nil
	}
	for c := range list.Items() {
		inner := fhir.Resource{Value: c}
		if _, known := typeIndex(inner.Type()); !known {
			continue
		}
		its, err := params.Extract(ctx.Done(), inner, k.hasher)
		if err != nil {
			return err
		}
		rows.Token = append(rows.Token, index.TokenRow{Hash: k.containing(inner.Type())})
		rows.Token = append(rows.Token, k.holding(its.Values)...)
		rows.Units, rows.Values = append(rows.Units, its.Units...), append(rows.Values, its.Values...)
	}
	slices.SortFunc(rows.Token, compareToken)
	rows.Token = slices.Compact(rows.Token)
	slices.Sort(rows.Units)
	rows.Units = slices.Compact(rows.Units)
	slices.SortFunc(rows.Values, compareValue)
	rows.Values = slices.Compact(rows.Values)
	return nil
}

// containing is the key of what contains a resource of the type.
func (k *tenantKeys) containing(typ string) int64 { return k.hasher.Key("", "contained", typ) }

// holding are the rows of what contains something with the values.
func (k *tenantKeys) holding(values []index.Value) (rows []index.TokenRow) {
	for _, v := range values {
		rows = append(rows, index.TokenRow{Hash: k.within(v.Key)})
	}
	return rows
}

// within is the key of what contains a resource with the value of a key.
func (k *tenantKeys) within(key int64) int64 {
	return k.hasher.Key("", "contained value", strconv.FormatInt(key, 16))
}
