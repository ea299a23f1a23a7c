/** The script of a job where `clusters.yaml` names no template. Variables: `templateVariables` of the contract. */
export const defaultTemplate = `#!/bin/bash{% if modules or conda %} -l{% endif %}
{%- for line in directives %}
#SBATCH {{ line }}
{%- endfor %}
{%- for module in modules %}
module load {{ quote(module) }}
{%- endfor %}
{%- if conda %}
eval "$(conda shell.bash hook)" && conda activate {{ quote(conda) }} || exit 1
{%- endif %}
{%- if uv %}
. {{ quote(uv) }}/.venv/bin/activate 2>/dev/null || . {{ quote(uv) }}/bin/activate || exit 1
{%- endif %}
{%- if attempt %}
export PILOTHOUSE_ATTEMPT=$(({{ attempt }} + \${SLURM_RESTART_COUNT:-0}))
{%- endif %}
{%- if sdk_folder %}
export PYTHONPATH={{ quote(sdk_folder) }}\${PYTHONPATH:+:$PYTHONPATH}
{%- endif %}
{%- if code_folder and in_place %}
cd {{ quote(code_folder) }}{% if within %}/{{ quote(within) }}{% endif %} || exit 1
{%- elif code_folder %}
# Each job works in a copy of its own; one that begins anew finds what it has written.
[ -d code ] || { rm -rf code.new && cp -R {{ quote(code_folder) }} code.new && mv code.new code; } || exit 1
cd code{% if within %}/{{ quote(within) }}{% endif %} || exit 1
{%- endif %}
{%- if torchrun and resources.nodes > 1 %}
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
# Where Slurm reaches that node: its name alone may have no address.
address=$(scontrol show node "$head" | grep -o 'NodeAddr=[^ ]*' | cut -d = -f 2)
head=\${address:-$head}
port=$((20000 + \${SLURM_JOB_ID:-0} % 20000))
{%- endif %}
exec {{ command }}
`
