package app

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/bench"
)

// check refuses what cannot be measured before anything is filled, and makes the requests. Faults: Invalid.
func (b *benchStage) check() error {
	c := b.c
	switch {
	case c.Patients < 1:
		return usage("--patients must be 1 or more")
	case c.Rounds < 1:
		return usage("--rounds must be 1 or more")
	case slices.ContainsFunc(c.Readers, none):
		return usage("--readers must be 1 or more")
	case slices.ContainsFunc(c.Writers, none):
		return usage("--writers must be 1 or more")
	}
	contenders := []bench.Contender{{}, {}, {Only: "read"}}
	for _, against := range c.Against {
		other, err := contender(against)
		if err != nil {
			return err
		}
		contenders = append(contenders, other)
	}
	b.data = bench.NewData(b.world, c.Patients)
	if err := c.checkOnly(b.data.Workloads(c.Readers, c.Writers)); err != nil {
		return err
	}
	if needs := (bench.Plan{Workloads: c.workloads(b.data), Rounds: c.Rounds}).Needs(contenders); c.Time < needs {
		return usage("--time=%s is too short for these workloads and rounds: they need %s at least", c.Time, needs)
	}
	return nil
}

func none(n int) bool { return n < 1 }

// checkOnly refuses a beginning that no workload's name has.
func (c *benchRun) checkOnly(all []bench.Workload) error {
	for _, only := range c.Only {
		if !slices.ContainsFunc(all, func(w bench.Workload) bool { return strings.HasPrefix(w.Name, only) }) {
			return usage("--only=%s is the beginning of no workload's name; there are %s", only, strings.Join(namesOf(all), ", "))
		}
	}
	return nil
}

func namesOf(all []bench.Workload) (names []string) {
	for _, w := range all {
		if !slices.Contains(names, w.Name) {
			names = append(names, w.Name)
		}
	}
	return names
}

// contender reads a server that is given by its address. Faults: Invalid.
func contender(against string) (bench.Contender, error) {
	name, rest, found := strings.Cut(against, "=")
	address, token, _ := strings.Cut(rest, ",")
	if u, err := url.Parse(address); !found || name == "" || err != nil || u.Host == "" {
		return bench.Contender{}, usage("--against wants NAME=URL, or NAME=URL,TOKEN")
	}
	return bench.Contender{Name: name, Base: address, Token: token}, nil
}
