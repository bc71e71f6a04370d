// Package event reads the events that the leading aggregator writes down: once,
// or as they come. It promises that an event is told once and in the order of the
// numbers, whatever happens to members and watches meanwhile, and that what is
// gone before it could be read is named, and never left out in silence. It writes
// nothing.
package event
