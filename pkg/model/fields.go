package model

import (
	"encoding/json"
	"maps"
)

// fields of a JSON object by name.
type fields map[string]json.RawMessage

// decodeKeeping reads a JSON object into v and returns the fields that v itself
// would not write.
func decodeKeeping(data []byte, v any) (fields, error) {
	if err := json.Unmarshal(data, v); err != nil {
		return nil, err
	}
	var all, own fields
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	known, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(known, &own); err != nil {
		return nil, err
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool {
		_, ok := own[name]
		return ok
	})
	return all, nil
}

// encodeKeeping writes v as a JSON object, and the fields of rest that v has not.
func encodeKeeping(v any, rest fields) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil || len(rest) == 0 {
		return data, err
	}
	all := maps.Clone(rest)
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}
