/** The choices of a report. */
import { ImagePlus } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import {
  identifyingParts,
  identifyingPartWords,
  reportSections,
  reportSectionWords,
  type ReportSettings,
} from '../../src-main/contract/report.ts';
import { chooseLocalFile } from '../app/choose-local-file.ts';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { logoOf } from './logo-file.ts';
import { words } from '../words/words.ts';

interface ReportFormProps {
  settings: ReportSettings;
  onChange: (settings: ReportSettings) => void;
  /** What belongs below the sections and is no setting. */
  children?: ReactNode;
}

/** A list with one of its possible parts put in or taken out; in the order of all. */
function toggled<T>(all: readonly T[], chosen: readonly T[], part: T, isOn: boolean): T[] {
  return all.filter((each) => (each === part ? isOn : chosen.includes(each)));
}

export function ReportForm({ settings, onChange, children }: ReportFormProps) {
  const set = (change: Partial<ReportSettings>) => onChange({ ...settings, ...change });
  return (
    <form className="report-form form" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        <span className="label">{words.report.title}</span>
        <input
          className="input"
          value={settings.title}
          maxLength={200}
          placeholder={words.report.theImagesFingerprint}
          onChange={(event) => set({ title: event.target.value })}
        />
      </label>
      <label className="field">
        <span className="label">{words.report.header}</span>
        <textarea
          className="input"
          rows={2}
          value={settings.header}
          maxLength={300}
          placeholder={words.report.institutionDepartment}
          onChange={(event) => set({ header: event.target.value })}
        />
      </label>
      <Logo logo={settings.logo} onChange={(logo) => set({ logo })} />
      <label className="field">
        <span className="label">{words.report.comments}</span>
        <textarea
          className="input"
          rows={5}
          value={settings.comments}
          maxLength={20_000}
          onChange={(event) => set({ comments: event.target.value })}
        />
      </label>
      <div className="field">
        <span className="label">{words.report.paper}</span>
        <div>
          <Segmented
            label={words.report.paper}
            value={settings.page}
            options={[
              { value: 'a4', label: 'A4' },
              { value: 'letter', label: words.report.letter },
            ]}
            onChange={(page) => set({ page })}
          />
        </div>
      </div>
      <fieldset className="report-group">
        <legend className="label">{words.report.sections}</legend>
        {reportSections.map((section) => (
          <SwitchRow
            key={section}
            label={reportSectionWords[section]}
            checked={settings.sections.includes(section)}
            onChange={(isOn) => set({ sections: toggled(reportSections, settings.sections, section, isOn) })}
          />
        ))}
        <p className="field-hint">{words.report.howTheRunEndedAndWhatIsMissing}</p>
      </fieldset>
      {settings.sections.includes('summary') && children}
      <label className="field">
        <span className="label">{words.report.findingsInTheTable}</span>
        <input
          className="input"
          type="number"
          min={0}
          max={1000}
          value={settings.findings}
          disabled={!settings.sections.includes('findings')}
          onChange={(event) => {
            const findings = Math.round(event.target.valueAsNumber);
            if (findings >= 0 && findings <= 1000) set({ findings });
          }}
        />
      </label>
      <fieldset className="report-group">
        <legend className="label">{words.report.whatCanNameAPatient}</legend>
        {identifyingParts.map((part) => (
          <SwitchRow
            key={part}
            label={identifyingPartWords[part]}
            checked={settings.include.includes(part)}
            onChange={(isOn) => set({ include: toggled(identifyingParts, settings.include, part, isOn) })}
          />
        ))}
        <p className="field-hint">{words.report.leftOutUnlessYouAskForItEach}</p>
      </fieldset>
    </form>
  );
}

function Logo({ logo, onChange }: { logo: string | null; onChange: (logo: string | null) => void }) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const choose = async (): Promise<void> => {
    const file = await chooseLocalFile('image/png,image/jpeg');
    if (file === null) return;
    try {
      onChange(await logoOf(file));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="field">
      <span className="label">{words.report.logo}</span>
      <div className="report-logo">
        {logo !== null && <img src={logo} alt={words.report.theLogo} />}
        <Button
          size="small"
          aria-describedby={problem === null ? undefined : `${id}-problem`}
          onClick={() => void choose()}
        >
          <ImagePlus aria-hidden />
          {logo === null ? words.report.chooseALogo : words.report.chooseAnotherLogo}
        </Button>
        {logo !== null && (
          <Button size="small" onClick={() => onChange(null)}>
            {words.report.remove}
          </Button>
        )}
      </div>
      {problem !== null && (
        <span className="field-error" id={`${id}-problem`} role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
