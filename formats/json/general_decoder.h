// The path that decodes any record, and by which the others are judged.
#pragma once

#include "formats/decoder.h"

namespace kappa::json {

// As DecodeFunction. May learn a shape from the record.
DecodeResult DecodeGeneral(const DecodePlan* plan, DecoderState* state, CallContext* call, const char* data, uint32_t size, char* row);

// Walks over the value at p and converts it for a field, as DecodeGeneral would: what a shape's kConvert does. nullptr: the general path has to look
// at the record. *null: it is null.
const char* DecodeField(const DecodePlan& plan, uint32_t field, CallContext* call, const char* p, const char* end, int depth, char* row, bool* null);

}  // namespace kappa::json
