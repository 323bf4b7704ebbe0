package terms

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Published is what the definitions of a tenant say of which the capability statements tell. It must not be changed.
type Published struct {
	Systems  []System            // by url
	Profiles map[string][]string // canonical urls of the profiles of a type of resource, sorted
	Guides   []string            // canonical urls of implementation guides, with their versions

	marks [2]int64
}

// System is a code system of which codes are loaded, in its versions, the one that answers without a version first.
type System struct {
	URL      string
	Versions []SystemVersion
}

// SystemVersion is a code system in one version; Content is complete, fragment or example.
type SystemVersion struct{ Version, Content string }

// lastPublished keeps what was last said of each tenant.
type lastPublished struct {
	mu   sync.Mutex
	all  map[int32]*board
	base func() ([]stated, error)
}

// board is where what one tenant publishes is read anew, by one caller at a time: the others of the tenant wait, those of other tenants
// do not.
type board struct {
	turn chan struct{}
	last *Published
}

func (l *lastPublished) of(tenant int32) *board {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil || len(l.all) >= mostPublished && l.all[tenant] == nil {
		l.all = map[int32]*board{}
	}
	if l.all[tenant] == nil {
		l.all[tenant] = &board{turn: make(chan struct{}, 1)}
	}
	return l.all[tenant]
}

// take waits for the turn, as long as the caller has time.
func (d *board) take(ctx context.Context) error {
	select {
	case d.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *board) leave() { <-d.turn }

// stated is what is read of a definition.
type stated struct {
	url, version, content, typ string
	rank                       ranked
	own                        bool // stored by the tenant: it answers before what R4 publishes
}

// marked are the types that are looked at. Their marks tell how often they were changed: while these stay, so does what they say.
var marked = [2]string{"CodeSystem", "StructureDefinition"}

// Published is what a tenant's definitions say beside those of R4; the tenant 0 has none. While nothing has changed it is the
// same pointer.
func (s *Service) Published(ctx context.Context, tenant int32) (*Published, error) {
	marks, err := s.marks(ctx, tenant)
	if err != nil {
		return nil, err
	}
	guides, err := s.guides(ctx, tenant)
	if err != nil {
		return nil, err
	}
	d := s.published.of(tenant)
	if err := d.take(ctx); err != nil {
		return nil, err
	}
	defer d.leave()
	if d.last != nil && d.last.marks == marks && slices.Equal(d.last.Guides, guides) {
		return d.last, nil
	}
	now, err := s.publish(ctx, tenant)
	if err != nil {
		return nil, err
	}
	now.marks, now.Guides = marks, guides
	d.last = now
	return now, nil
}

const mostPublished = 100 // tenants of which it is kept

func (s *Service) marks(ctx context.Context, tenant int32) (out [2]int64, err error) {
	if tenant == 0 {
		return out, nil
	}
	desk := s.store.As(access.Inside(tenant, "terms"))
	for i, typ := range marked {
		if out[i], err = desk.Changes(ctx, typ); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Service) publish(ctx context.Context, tenant int32) (*Published, error) {
	systems, err := s.published.base()
	if err != nil {
		return nil, err
	}
	p := &Published{Profiles: map[string][]string{}}
	if tenant != 0 {
		own, err := s.stated(ctx, tenant, "CodeSystem")
		if err != nil {
			return nil, err
		}
		systems = slices.Concat(own, systems)
		if err := s.profiled(ctx, tenant, p); err != nil {
			return nil, err
		}
	}
	p.Systems = systemsOf(systems)
	return p, nil
}

// guides are the implementation guides whose packages are there.
func (s *Service) guides(ctx context.Context, tenant int32) (out []string, err error) {
	if tenant == 0 {
		return nil, nil
	}
	list, err := s.Packages(ctx, s.store.As(access.Inside(tenant, "terms")))
	for _, p := range list {
		if p.Complete && p.Guide != "" {
			out = append(out, p.Guide)
		}
	}
	return out, err
}

// profiled takes the profiles that are in force.
func (s *Service) profiled(ctx context.Context, tenant int32, p *Published) error {
	profiles, err := s.stated(ctx, tenant, "StructureDefinition")
	if err != nil {
		return err
	}
	for _, d := range profiles {
		if _, isResource := r4.ResourceIndex(d.typ); isResource && d.rank.active && d.url != "" {
			p.Profiles[d.typ] = append(p.Profiles[d.typ], d.url)
		}
	}
	for typ, urls := range p.Profiles {
		slices.Sort(urls)
		p.Profiles[typ] = slices.Compact(urls)
	}
	return nil
}

// stated reads all definitions of a type.
func (s *Service) stated(ctx context.Context, tenant int32, typ string) (out []stated, err error) {
	q, _, err := search.Parse(typ, []search.Pair{{Name: "_count", Value: "100"}}, search.Strict)
	if err != nil {
		return nil, err
	}
	desk := s.store.As(access.Inside(tenant, "terms"))
	for {
		page, err := desk.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Entries {
			r, err := v.Resource()
			if err != nil {
				return nil, err
			}
			d := statedBy(r)
			d.own = true
			out = append(out, d)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}

func statedBy(r fhir.Resource) stated {
	d := stated{url: r.Get("url").Str(), version: r.Get("version").Str(), content: r.Get("content").Str(), rank: rankOf(r)}
	if r.Get("derivation").Str() == "constraint" {
		d.typ = r.Get("type").Str()
	}
	return d
}

// baseStated are the code systems of R4.
func baseStated() (out []stated, err error) {
	for url := range r4.Canonicals("CodeSystem") {
		raw, _ := r4.Canonical("CodeSystem", url)
		r, err := fhir.Parse(raw, fhir.Limits{})
		if err != nil {
			return nil, err
		}
		out = append(out, statedBy(r))
	}
	return out, nil
}

// systemsOf puts the versions of code systems together. What is only named, or only adds to another, is none that is loaded; of
// several versions each needs a name.
func systemsOf(list []stated) (out []System) {
	byURL := map[string][]stated{}
	for _, d := range list {
		if d.url != "" && slices.Contains([]string{"complete", "fragment", "example"}, d.content) {
			byURL[d.url] = append(byURL[d.url], d)
		}
	}
	for url, all := range byURL {
		slices.SortStableFunc(all, before)
		out = append(out, System{url, versionsOf(all)})
	}
	slices.SortFunc(out, func(a, b System) int { return cmp.Compare(a.URL, b.URL) })
	return out
}

func versionsOf(all []stated) (out []SystemVersion) {
	for _, d := range all {
		if d.version != "" && !slices.ContainsFunc(out, func(v SystemVersion) bool { return v.Version == d.version }) {
			out = append(out, SystemVersion{d.version, d.content})
		}
	}
	if len(out) == 0 {
		out = append(out, SystemVersion{"", all[0].content})
	}
	return out
}

// before orders definitions of one url as they answer for it.
func before(a, b stated) int {
	switch {
	case a.own != b.own && a.own, a.own == b.own && b.rank.less(a.rank):
		return -1
	case a.own != b.own, a.rank.less(b.rank):
		return 1
	}
	return 0
}

// ExpansionParameters are the parameters that $expand takes. The date is not among them: it is refused.
func (s *Service) ExpansionParameters() (names []string) {
	for _, p := range s.expand().In {
		if p.Name != "date" {
			names = append(names, p.Name)
		}
	}
	return names
}
