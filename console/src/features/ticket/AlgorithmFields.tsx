import { SelectField, TextField } from "@/shared/ui/Field";
import type { Parts } from "./MoreTerms";
import type { Rules } from "./rules";

type Parameter = Rules["algorithms"][number]["parameters"][number];

/** One of IB's algorithms and its parameters, as the table has them. */
export function AlgorithmFields({ draft, rules, fault, write }: Parts) {
  const chosen = rules.algorithms.find(({ name }) => name === draft.algorithm);
  const set = (tag: string, value: string) => write({ parameters: { ...draft.parameters, [tag]: value } });
  return (
    <div className="space-y-3">
      <SelectField
        label="Worked by"
        value={draft.algorithm}
        error={fault("algorithm")}
        onChange={(event) => write({ algorithm: event.target.value, parameters: {} })}
      >
        <option value="">No algorithm</option>
        {rules.algorithms.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      {chosen?.parameters.map((parameter) => (
        <ParameterField
          key={parameter.tag}
          parameter={parameter}
          value={draft.parameters[parameter.tag] ?? ""}
          error={fault(`parameter ${parameter.tag}`)}
          onChange={(value) => set(parameter.tag, value)}
        />
      ))}
    </div>
  );
}

function ParameterField({
  parameter: { tag, form, required, lowest, highest, choices },
  value,
  error,
  onChange,
}: {
  parameter: Parameter;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const label = required ? tag : `${tag} (optional)`;
  const options =
    form === "flag" ? { "1": "Yes", "0": "No" } : Object.fromEntries(choices.map((each) => [each, each]));
  if (form === "choice" || form === "flag") {
    return (
      <SelectField
        label={label}
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">–</option>
        {Object.entries(options).map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </SelectField>
    );
  }
  const hint =
    form === "moment" ? "Like 15:30:00 US/Eastern" : `From ${lowest ?? "any"} to ${highest ?? "any"}`;
  return (
    <TextField
      label={label}
      value={value}
      error={error}
      hint={hint}
      inputMode={form === "moment" ? "text" : "decimal"}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
