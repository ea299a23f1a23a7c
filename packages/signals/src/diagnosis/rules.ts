/**
 * The catalogue of diagnoses. To add one: an entry in the file of its theme, and a sample of the text as it is printed in
 * rules.test.ts. Texts have to be as specific as what the tool prints: a rule that speaks up wrongly is worse than none.
 */
import { environmentRules } from './environment-rules.ts'
import { inputRules } from './input-rules.ts'
import { memoryRules } from './memory-rules.ts'
import { numericRules } from './numeric-rules.ts'
import { placeRules } from './place-rules.ts'
import { processRules } from './process-rules.ts'
import type { DiagnosisRule } from './rule.ts'

export const diagnosisRules: readonly DiagnosisRule[] = [
  ...memoryRules,
  ...numericRules,
  ...environmentRules,
  ...inputRules,
  ...placeRules,
  ...processRules,
]
