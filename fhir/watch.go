package fhir

import "github.com/ficushealth/ficus/fault"

// Watch ends work on values when the time that its caller gave is over. Whoever goes through a value asks it at every step;
// it looks at the clock's channel only now and then, so that asking costs next to nothing. The zero Watch never ends anything.
type Watch struct {
	done <-chan struct{} // as that of a context.Context
	left int             // steps until it looks again
	late bool
}

// stepsToLook are steps of a microsecond at most, so that what is late ends within milliseconds.
const stepsToLook = 1024

// NewWatch makes a watch for work that is to end when done is closed; nil: never.
func NewWatch(done <-chan struct{}) Watch { return Watch{done: done, left: stepsToLook} }

// Late takes steps and reports whether the work has to end. Once it has said so, it does so again.
func (w *Watch) Late(steps int) bool {
	w.left -= steps
	return w.left < 0 && w.look()
}

func (w *Watch) look() bool {
	if w.late {
		return true
	}
	w.left = stepsToLook
	select {
	case <-w.done:
		w.late, w.left = true, -1
	default:
	}
	return w.late
}

// Done is the channel that is watched, for what watches it by itself.
func (w *Watch) Done() <-chan struct{} { return w.done }

// Over looks now, and is Err then.
func (w *Watch) Over() error {
	w.look()
	return w.Err()
}

// Err is TimedOut if the work was ended, which is then not done to its end, and nil otherwise.
func (w *Watch) Err() error {
	if !w.late {
		return nil
	}
	return fault.New(fault.TimedOut, "gave up: this takes longer than is allowed for one request")
}
