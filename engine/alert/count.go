package alert

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
)

// state is what the rules have counted, by rule and by whom.
type state map[string]map[string]*counted

// counted is what a rule has seen of somebody.
type counted struct {
	Things []string    `json:"things,omitempty"` // each once, the oldest first
	Times  []time.Time `json:"times,omitempty"`  // when each was seen last
	Quiet  time.Time   `json:"quiet,omitzero"`   // nothing is told before, unless the clock has gone back behind the alert
}

// Alert is something to be told.
type Alert struct {
	Rule   string    `json:"rule"`
	Who    string    `json:"who"`
	Entry  string    `json:"entry"`  // id of the AuditEvent that did it
	Things []string  `json:"things"` // ids of the patients, or of the AuditEvents, at most 100
	At     time.Time `json:"at"`
}

const mostThings = 100

// see takes an entry into account.
func (s state) see(r Rule, e *audit.Found, about About) (alerts []Alert) {
	who, things := r.Sees(e, about)
	if r.Each {
		for _, thing := range things {
			alerts = append(alerts, s.count(r, who, who+" "+thing, e, thing)...)
		}
		return alerts
	}
	if len(things) > 0 {
		alerts = s.count(r, who, who, e, things...)
	}
	return alerts
}

func (s state) count(r Rule, who, key string, e *audit.Found, things ...string) []Alert {
	if s[r.Name] == nil {
		s[r.Name] = map[string]*counted{}
	}
	c := s[r.Name][key]
	if c == nil {
		c = &counted{}
		s[r.Name][key] = c
	}
	if e.At.Before(c.Quiet) && !e.At.Before(c.Quiet.Add(-r.Quiet)) {
		return nil
	}
	c.forget(e.At, r.Within)
	for _, thing := range things {
		c.add(thing, e.At)
	}
	if len(c.Things) < r.Limit {
		return nil
	}
	a := Alert{r.Name, who, e.ID, c.Things[:min(len(c.Things), mostThings)], e.At}
	*c = counted{Quiet: e.At.Add(r.Quiet)}
	return []Alert{a}
}

func (c *counted) add(thing string, at time.Time) {
	if i := slices.Index(c.Things, thing); i >= 0 {
		c.Things, c.Times = slices.Delete(c.Things, i, i+1), slices.Delete(c.Times, i, i+1)
	}
	c.Things, c.Times = append(c.Things, thing), append(c.Times, at)
}

// forget drops what was not seen within a time of an instant: before it, or, when a clock has gone wrong, after it.
func (c *counted) forget(at time.Time, within time.Duration) {
	things, times := c.Things[:0], c.Times[:0]
	for i, t := range c.Times {
		if at.Sub(t).Abs() <= within {
			things, times = append(things, c.Things[i]), append(times, t)
		}
	}
	c.Things, c.Times = things, times
}

// tidy drops what counts no more at an instant, and rules that there are no more.
func (s state) tidy(rules []Rule, now time.Time) {
	for name, list := range s {
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
		if i < 0 {
			delete(s, name)
			continue
		}
		for key, c := range list {
			c.forget(now, rules[i].Within)
			if len(c.Times) == 0 && !now.Before(c.Quiet) {
				delete(list, key)
			}
		}
	}
}

func readState(text []byte) (s state, err error) {
	s = state{}
	if len(text) > 0 {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}
